"""Who runs what when: slices of the time for all targets, on a number of slots."""
import fnmatch


def equal_shares(names, seconds, jobs):
    """The seconds of each, which fill `jobs` slots for `seconds`."""
    return {name: seconds * jobs / len(names) for name in names}


def shares_by_glob(names, minutes):
    """The seconds of each, by the first (glob, minutes) that matches it. Returns them, and the names that none matches."""
    by_name = {name: next((60 * number for glob, number in minutes if fnmatch.fnmatch(name, glob)), None) for name in names}
    return by_name, [name for name, seconds in by_name.items() if seconds is None]


def slots(shares, jobs):
    """For each of `jobs` slots its slices, (name, seconds), one after the other, as many seconds in all as in each other slot.

    Every name gets the seconds that `shares` gives it. Slots are filled one after the other, and a slice that does not fit goes
    on in the next one (McNaughton's wrap-around rule), so that no slot idles while another has more to do. Where there are
    more slots than names, some names run in several slots at once.
    """
    seconds = sum(shares.values()) / jobs
    result, slot, left = [], [], seconds
    for name, share in shares.items():
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
