"""Exit statuses, the same as recvmsg-conformance has, and the errors that map to one."""

CLEAN = 0
FINDINGS = 1
NOTHING_RAN = 3
USAGE = 64
NO_IMPLEMENTATION = 66
OWN_FAULT = 70


class CampaignError(Exception):
    """Ends the campaign: what is wrong, where, and what to do about it; `status` is the exit status."""

    def __init__(self, message, status=OWN_FAULT):
        super().__init__(message)
        self.status = status
