"""Small protocols to test the model with, and a search of every schedule that shares no code with `explore`."""

from collections import deque

from hypothesis import strategies as st

from consensus_lab import Deliver, Message, Node, Propose, System, Timeout
from consensus_lab.model.network import NAMES
from consensus_lab.protocols import CheckThenAct, Coordinator, LockThenAct, MajorityVote, Memory, TieBreakVote

# -- random protocols -----------------------------------------------------------------------------------------

STATES, VALUES, TIMERS, KINDS = (0, 1, 2), ("red", "blue"), ("long", "short"), ("ping", "pong")


class Note(Message):
    kind: str


def automaton(rules, journal=None):
    """A Node class that does what `rules` say: {(state, trigger): (next state, actions)}.

    It has fuel, which sending and arming use up, so its runs end. A journal gets (node, its state) after every
    handler call.
    """
    rules = dict(rules)

    class Automaton(Node):
        state: int = 0
        fuel: int = 3
        coins: tuple = ()
        mark: object = 0

        durable = ("fuel", "coins")

        def act(self, trigger, awake=True):
            self.state, actions = rules.get((self.state, trigger), (self.state, ()))
            for action in actions:
                self.take(*action, awake)
            if journal is not None:
                state = {name: getattr(self, name) for name in (*self.state_defaults, "decided")}
                journal.append((self.id, state))

        def take(self, what, argument, awake):
            if what in ("send", "broadcast", "set") and not self.fuel:
                return
            match what:
                case "send":
                    self.fuel -= 1
                    self.send((self.id + 1) % len(self.nodes), Note(argument))
                case "broadcast" if awake:
                    self.fuel -= 1
                    self.broadcast(Note(argument))
                case "set":
                    self.fuel -= 1
                    self.set_timer(argument, after={"long": 3.0, "short": 0.7}[argument])
                case "mark":
                    self.mark = argument
                case "told" if type(self.mark) is type(argument) and self.mark == argument:
                    self.state = (self.state + 1) % 3
                case "clear":
                    self.clear_timer(argument)
                case "decide":
                    self.decide(argument)
                case "choose" if awake and len(self.coins) < 2:
                    self.coins += (self.choose(VALUES),)

        def start(self):
            self.act("start", awake=False)

        def propose(self, value):
            self.act("propose")

        def receive(self, sender, message):
            self.act(message.kind)

        def timeout(self, name):
            self.act(name)

        def restart(self):
            self.act("restart")

    return Automaton


TRIGGERS = ("start", "propose", *KINDS, *TIMERS, "restart")
ACTIONS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(KINDS)),
    st.tuples(st.just("broadcast"), st.sampled_from(KINDS)),
    st.tuples(st.just("decide"), st.sampled_from(VALUES)),
    st.tuples(st.just("choose"), st.none()),
    st.tuples(st.sampled_from(("mark", "told")), st.sampled_from((0, False, 0.0, (1,), (True,)))),
    st.tuples(st.sampled_from(("set", "clear")), st.sampled_from(TIMERS)),
)
RULES = st.dictionaries(
    st.tuples(st.sampled_from(STATES), st.sampled_from(TRIGGERS)),
    st.tuples(st.sampled_from(STATES), st.lists(ACTIONS, max_size=3).map(tuple)),
    min_size=3,
    max_size=15,
)
NETWORKS = st.sampled_from(NAMES)
BUDGETS = st.fixed_dictionaries(
    {"crashes": st.integers(0, 1), "restarts": st.integers(0, 1), "timeouts": st.sampled_from((0, 1, 2, None))}
)
UNLIMITED = {"crashes": None, "restarts": None, "timeouts": None}


@st.composite
def systems(draw, budgets=BUDGETS, networks=NETWORKS):
    """A small system of a random protocol."""
    n = draw(st.integers(2, 3))
    proposals = {i: value for i, value in enumerate(VALUES) if draw(st.booleans())}
    return System(automaton(draw(RULES)), n, proposals, network=draw(networks), **draw(budgets))


# -- the book's protocols -------------------------------------------------------------------------------------


def book(**options):
    """{name: a small system of every protocol of the book}."""
    two = {0: "red", 1: "blue"}
    threads = {"proposals": {1: "Ada", 2: "Grace"}, "names": ["memory", "thread 1", "thread 2"], **options}
    return {
        "Coordinator": System(Coordinator, 3, two, **options),
        "MajorityVote": System(MajorityVote, 3, two, **options),
        "TieBreakVote": System(TieBreakVote, 3, two, **options),
        "CheckThenAct": System([Memory, CheckThenAct, CheckThenAct], **threads),
        "LockThenAct": System([Memory, LockThenAct, LockThenAct], **threads),
    }


BOOK = tuple(book())

# -- every schedule, naively ----------------------------------------------------------------------------------


class TooMany(Exception):
    """There are more configurations than were asked for."""


def every_configuration(system, most=4_000):
    """{configuration: the least number of events that lead to it}, by `events` and `step` alone."""
    depth = {system.initial(): 0}
    queue = deque(depth)
    while queue:
        here = queue.popleft()
        for event in system.events(here):
            there = system.step(here, event)
            if there not in depth:
                if len(depth) == most:
                    raise TooMany
                depth[there] = depth[here] + 1
                queue.append(there)
    return depth


def is_stuck(c):
    """Nothing is left to happen but faults, a live node is undecided, and somebody has asked for a decision."""
    system = c.system
    moves = [event for event in system.events(c) if isinstance(event, (Propose, Deliver, Timeout))]
    waiting = any(i not in c.crashed and i not in c.decisions and system.classes[i].decides for i in system.nodes)
    armed = any(c.timers(i) for i in system.nodes)
    return not moves and not armed and waiting and bool(c.proposed or not system.proposals)


def node_states(c):
    """What the nodes are, without what is in flight."""
    return tuple((*sorted(c.state(i).items(), key=str), c.timers(i), i in c.crashed) for i in c.system.nodes)


def after(system, events):
    """The configuration that a schedule leads to."""
    c = system.initial()
    for event in events:
        c = system.step(c, event)
    return c
