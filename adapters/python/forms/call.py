"""The arguments of a form, and where forms are registered."""
FORMS = {}


class NotPerformed(Exception):
    """The form is not performed: `reply` says why."""

    def __init__(self, **reply):
        super().__init__(reply)
        self.reply = reply


class Lacks(NotPerformed):
    """This runtime does not have what the form needs."""

    def __init__(self, reason):
        super().__init__(lacks=reason)


class Call:
    """One call as it was asked for.

    `parts` are the buffers, `storages` the bytearrays that they are parts of, which are reported when all is over;
    `arguments` is what follows the buffers, `number` what follows the name of the form.
    """

    def __init__(self, sock, storages, parts, arguments, facts, number):
        self.sock, self.storages, self.parts, self.arguments = sock, storages, parts, arguments
        self.facts, self.number = facts, number

    def receive(self, buffers, sock=None):
        return (sock or self.sock).recvmsg_into(buffers, *self.arguments)

    def copies(self, make=bytearray):
        """Objects with the storages' contents, of which there are no other exports."""
        return [make(bytes(storage)) for storage in self.storages]

    def take_back(self, objects):
        """What such objects hold now is reported as the storages."""
        for storage, one in zip(self.storages, objects):
            with memoryview(one) as view:  # released at once, where nothing else would see to that before long
                storage[:] = view.tobytes()


def form(function):
    """A form of the function's name."""
    FORMS[function.__name__] = function
    return function


def forms(prefix, members):
    """Forms that differ in one value, which the function gets too: PREFIX_MEMBER."""
    def register(function):
        for name, member in members.items():
            FORMS[f"{prefix}_{name}"] = lambda call, member=member: function(call, member)
        return function
    return register
