"""Who runs what when: equal slices of the time for all targets, on a number of slots."""


def slots(names, seconds, jobs):
    """For each of `jobs` slots its slices, (name, seconds), one after the other, `seconds` in all.

    Every name gets seconds * jobs / len(names). Slots are filled one after the other, and a slice that does not fit goes
    on in the next one (McNaughton's wrap-around rule), so that no slot idles while another has more to do. Where there are
    more slots than names, some names run in several slots at once.
    """
    share = seconds * jobs / len(names)
    result, slot, left = [], [], seconds
    for name in names:
        remaining = share
        while remaining > 1e-6:
            part = min(remaining, left)
            slot.append((name, part))
            remaining -= part
            left -= part
            if left <= 1e-6:
                result.append(slot)
                slot, left = [], seconds
    if slot:
        result.append(slot)
    return result
