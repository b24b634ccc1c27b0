"""Who runs what when: equal slices of the time for all targets, on a number of lanes."""


def lanes(names, seconds, jobs):
    """For each of `jobs` lanes its slices, (name, seconds), one after the other, `seconds` in all.

    Every name gets seconds * jobs / len(names). Lanes are filled one after the other, and a slice that does not fit goes
    on in the next one (McNaughton's wrap-around rule), so that no lane idles while another has more to do. Where there are
    more lanes than names, some names run in several lanes at once.
    """
    share = seconds * jobs / len(names)
    result, lane, left = [], [], seconds
    for name in names:
        remaining = share
        while remaining > 1e-6:
            part = min(remaining, left)
            lane.append((name, part))
            remaining -= part
            left -= part
            if left <= 1e-6:
                result.append(lane)
                lane, left = [], seconds
    if lane:
        result.append(lane)
    return result
