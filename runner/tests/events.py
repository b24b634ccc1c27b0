"""The events of adapters/PROTOCOL.md: how each is provoked, and how each caller is to end.

A row has the event in the words of PROTOCOL.md, its verdict and its cause, and how it is provoked: by the modes of the
hostile adapter, by a mode of the hostile plug-in, or by what else is done to the caller (Do). Statuses are those that the verdict
has in each caller (STATUS), unless the row says otherwise. Where an event cannot occur in a caller, the row says why (Never).
"""
import dataclasses

ADAPTER_CALLERS = ("run", "property", "property in two workers", "cases without workers", "replay", "fuzz target")
CALLERS = (*ADAPTER_CALLERS, "property in process")
ABORTED = -6

# The exit status of each caller by verdict. "cases without workers" is a program of the tests, whose status says nothing.
FAILED = {"run": 1, "property": 1, "property in two workers": 1, "replay": 1, "fuzz target": ABORTED,
          "property in process": 1}
FINE = dict.fromkeys(FAILED, 0)
NOTHING = {"run": 3, "property": 0, "property in two workers": 0, "replay": 3, "fuzz target": 0, "property in process": 0}
STATUS = {"PASS": FINE, "SKIP": NOTHING, "NOTRUN": FAILED,
          **dict.fromkeys(("FAIL", "CRASH", "HANG", "PROTOCOL"), FAILED)}


@dataclasses.dataclass(frozen=True)
class Never:
    """The event cannot occur there, for this reason."""
    reason: str


@dataclasses.dataclass(frozen=True)
class On:
    """What is performed: a check, or several; cases of laws; a scenario."""
    check: str
    laws: tuple
    kind: str
    steps: tuple
    seed: int = 1
    files: int = 1


@dataclasses.dataclass(frozen=True)
class Do:
    """What else is done. `options` are by caller; `without` is the command line that it is run by."""
    options: dict = dataclasses.field(default_factory=dict)
    network: bool = True
    preloaded: bool = False
    starts: dict = dataclasses.field(default_factory=dict)  # how many starts of the adapter succeed, by caller


@dataclasses.dataclass(frozen=True)
class Event:
    sentence: str
    verdict: str
    cause: str
    modes: tuple = ()
    plugin: object = None
    on: On = None
    do: Do = Do()
    never: dict = dataclasses.field(default_factory=dict)
    status: dict = dataclasses.field(default_factory=dict)
    writes_nothing: tuple = ()  # callers whose exit status and standard error are all that there is
    deadline_ms: int = 20_000

    def provocations(self, caller):
        """The modes by which it is provoked in that caller, or why it cannot be."""
        if caller in self.never:
            return self.never[caller]
        if caller != "property in process":
            return self.modes
        return self.plugin if isinstance(self.plugin, Never) else (self.plugin,)

    def status_of(self, caller):
        return self.status.get(caller, STATUS[self.verdict].get(caller, 0))


def start(size, **more):
    return {"step": "start", "call": {"buffers": [{"size": size}], **more}}


FINISH = {"step": "finish"}
MODEL = ("EveryCallMatchesTheModel",)
# The seed is one with which the third call returns a message.
RIGHTS = On("AncillaryData.DescriptorsArriveInTheOrderSent/unix_stream", ("DescriptorsAreReceivedOnceOrClosed",), "unix_stream",
            ({"step": "send", "data": "6162", "files": 2}, start(4, ancbufsize=64), FINISH), seed=2)
DATA = On("FillOrder.DocumentedExampleFillsTheBuffers/udp4", MODEL, "udp4",
          ({"step": "send", "data": "6162"}, start(4), FINISH))
SEVERAL = dataclasses.replace(RIGHTS, check="FillOrder.DocumentedExampleFillsTheBuffers/*:FillOrder.NbytesCountsAllBuffers/*",
                              laws=(*MODEL, "AddressMatchesTheSender"), files=12)
LEFT_OVER = On("AncillaryBarrier.StreamDescriptorsReadElsewhereAreGone/unix_stream", ("ConversationMatchesTheModel",),
               "unix_stream", ({"step": "send", "data": "6162"}, {"step": "send", "data": "6364"}, start(2), FINISH,
                               {"step": "read_elsewhere", "bytes": 2}), seed=4)
OPTION = On("", (), "unix_stream", ({"step": "set_option", "level": 1, "name": 8, "value": 5000}, *RIGHTS.steps))
NO_SENDER = On("", (), "unix_stream", ({"step": "send", "data": "61", "sender": 9}, start(4), FINISH))

NO_LINES = Never("a plug-in has no lines")
NOT_GIVEN = Never("the suite's own scenarios are not of that kind, and one that were would be the suite's fault")
ALL_BUT_PLUGINS = {caller: Never("a process of its own has duplicates of the suite's descriptors") for caller in ADAPTER_CALLERS}
NO_HANDLER = Never("SIGINT ends the program: engines have handlers of their own")
NO_WORKER = Never("there is no worker: what ends the process ends the command")

EVENTS = (
    Event("every answer is what was expected", "PASS", "none",
          modes=("grandchild", "chatters_stderr", "works_on_a_duplicate", "coming_and_going_threads"), plugin="", on=RIGHTS),
    Event("an answer is not what was expected", "FAIL", "differs",
          modes=("always_error", "leaks_descriptor"), plugin="counts_one_more", on=dataclasses.replace(RIGHTS, laws=MODEL)),
    Event("a capability is declared, and a call that needs it is answered `unsupported`", "FAIL", "refused",
          modes=("refuses_everything",), plugin="refuses", on=RIGHTS),
    Event("data in the queue that no call reported is gone", "FAIL", "took-more",
          modes=("takes_more",), plugin="takes_more", on=LEFT_OVER),
    Event("a descriptor of the suite is gone", "FAIL", "took-more", plugin="closes_descriptors", on=RIGHTS,
          never=ALL_BUT_PLUGINS),
    Event("the process ends before its reply", "CRASH", "ended",
          modes=("dies_by_signal_on_third_call", "grandchild_then_dies", "exits_after_hello"), plugin="crashes", on=RIGHTS),
    Event("the process ends within its reply", "CRASH", "ended",
          modes=("dies_within_third_reply",), plugin=Never("a plug-in's call returns whole, or not at all"), on=RIGHTS),
    Event("the process ends right after its reply, that of the last call included", "CRASH", "ended",
          modes=("exits_behind_third_reply", "exits_when_asked_whether_it_is_there"),
          plugin=Never("what ends the process behind a call ends it in whatever case is performed then"), on=RIGHTS),
    Event("the process ends within half a second after a line that is not JSON: a runtime that reports its crash on standard "
          "output", "CRASH", "ended", modes=("reports_its_crash_on_third_call",), plugin=NO_LINES, on=RIGHTS),
    Event("no reply within the deadline", "HANG", "timed-out",
          modes=("hangs_on_third_call",), plugin="never_returns", on=RIGHTS, deadline_ms=500),
    Event("a reply that is not JSON", "PROTOCOL", "malformed-reply",
          modes=("rubbish_on_third_call",), plugin=NO_LINES, on=RIGHTS),
    Event("a line that is too long", "PROTOCOL", "malformed-reply", modes=("oversize_line",), plugin=NO_LINES, on=RIGHTS),
    Event("a reply with a wrong `id`, or a second reply", "PROTOCOL", "malformed-reply",
          modes=("wrong_id", "double_reply"), plugin=NO_LINES, on=RIGHTS),
    Event("a reply that has not all fields, or one of a wrong type or length; of a plug-in, an answer beyond its room",
          "PROTOCOL", "malformed-reply",
          modes=("missing_field", "wrong_types", "short_storage"), plugin="too_many_items", on=RIGHTS),
    Event("the process closes its standard output, and goes on", "PROTOCOL", "malformed-reply",
          modes=("closes_stdout_on_third_call",), plugin=NO_LINES, on=RIGHTS),
    Event("a `close` that did not close", "PROTOCOL", "malformed-reply", modes=("does_not_close",),
          plugin=Never("the suite closes descriptors of its own process itself"), on=RIGHTS),
    Event("a capability that is needed is not declared, or the implementation cannot do what no capability names: its "
          "runtime lacks it, or the flags that it adds are refused", "SKIP", "not-declared",
          modes=("skips_everything",), plugin="declares_nothing", on=RIGHTS,
          never={"fuzz target": Never("the target leaves out what the implementation does not declare")},
          status={"property": 3, "property in two workers": 3, "property in process": 3}),
    Event("this host lacks or forbids what is needed: a socket cannot be set up, an option is unknown, a system call of the "
          "suite fails with EPERM, EACCES or ENOSYS, buffers find no place in the address space (RLIMIT_AS); a call is to "
          "wait, and all that can be seen is a thread that sleeps in futex(2) or another call that may wait for anything",
          "SKIP", "host-lacks",
          modes=("works_on_a_duplicate",), plugin="", on=DATA, do=Do(network=False)),
    Event("recvmsg(2) itself fails in the same way on this host", "SKIP", "kernel-deviates",
          modes=("works_on_a_duplicate",), plugin="", do=Do(preloaded=True),
          on=dataclasses.replace(DATA, laws=("ReceivingInPartsEqualsReceivingOnce",)),
          status={"replay": 0}),
    Event("the model does not say what is right (saved scenarios)", "SKIP", "unpredictable",
          modes=("works_on_a_duplicate",), plugin=NOT_GIVEN, on=OPTION, status={"replay": 0},
          never={**dict.fromkeys(("run", "property", "property in two workers", "cases without workers"), NOT_GIVEN),
                 "fuzz target": Never("the target leaves out what the model does not predict")}),
    Event("a step of a saved scenario cannot be performed", "SKIP", "cannot-perform",
          modes=("works_on_a_duplicate",), plugin=NOT_GIVEN, on=NO_SENDER,
          never={**dict.fromkeys(("run", "property", "property in two workers", "cases without workers"), NOT_GIVEN),
                 "fuzz target": Never("the target leaves out what the model does not predict")}),
    Event("the adapter does not start at the beginning of a run (exit status 66)", "NOTRUN", "cannot-start",
          modes=("exits_at_once", "speaks_protocol_2", "echo"), plugin="null", on=RIGHTS, writes_nothing=tuple(FAILED),
          status=dict.fromkeys(FAILED, 66)),
    Event("ten starts in a row have failed later; in a conformance run each of them costs a check, with the verdict of what "
          "happened", "NOTRUN", "cannot-start", modes=("dies_by_signal_on_third_call",),
          plugin=Never("a plug-in that was loaded once is loaded again by a worker, whose end is that of its case"),
          on=SEVERAL, do=Do(starts={"run": 1, "property": 2, "property in two workers": 3, "cases without workers": 1,
                                    "replay": 1}),
          never={"fuzz target": Never("the target ends with its first finding, and nothing is started after it")}),
    Event("the run was interrupted", "NOTRUN", "interrupted",
          modes=("interrupts_the_suite_on_third_call",), plugin="interrupts", on=SEVERAL,
          never={"cases without workers": NO_HANDLER, "fuzz target": NO_HANDLER}),
    Event("the run ended before the check's turn, or the law's", "NOTRUN", "not-reached",
          modes=("always_error",), plugin="counts_one_more", on=SEVERAL,
          do=Do(options={"run": ["--gtest_fail_fast"], "property": ["--fail-fast"], "property in process": ["--fail-fast"]}),
          never={"property in two workers": Never("both laws have their turn at the same time"),
                 "cases without workers": Never("it is the campaign of workers that ends early"),
                 "replay": Never("each file is performed"), "fuzz target": Never("the next input is the engine's to choose")}),
    Event("anything else that goes wrong in the suite (exit status 70)", "NOTRUN", "suite-fault",
          modes=("kills_the_suite_on_third_call",), plugin=Never("what ends a worker in a plug-in's call is the plug-in's"),
          on=RIGHTS, never={"cases without workers": NO_WORKER, "replay": NO_WORKER, "fuzz target": NO_WORKER},
          status={"run": 70, "property": 70, "property in two workers": 70}),
)
