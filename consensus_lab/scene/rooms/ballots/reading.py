"""The ballots of a run: who asks for what in each, who has promised, who has voted, and the quorums that this makes.

A protocol tells the stage of its ballots by the names that the literature has for them, and by nothing else. A
message belongs to the ballot in its field `ballot`. Of an acceptor, `promised` is the ballot below which it takes
part in none, and `accepted` its last vote, a pair of ballot and value; `voted` alone is the ballot of its last vote.
Of a proposer, `ballot` is the one that it is running. Quorums are majorities, or what the class attributes `phase_1`
and `phase_2` say.

A value is chosen when a quorum has accepted it in one ballot, whether anybody knows that or not: the definition of
"Paxos made simple" (2001), section 2.2, https://lamport.azurewebsites.net/pubs/paxos-simple.pdf.
"""

from collections import namedtuple
from functools import cached_property

from consensus_lab.model.events import Deliver, Propose, Timeout
from consensus_lab.model.values import canonical, show
from consensus_lab.protocols.quorums import covers, majorities

VOTES = ("accepted", "voted")  # fields that say how an acceptor has voted last
BALLOT_FIELDS = ("ballot", "promised", "voted")  # fields that hold a ballot

Grant = namedtuple("Grant", "ballot node value step heard")
Grant.__doc__ = "A promise, or with a value a vote: in which ballot, by whom, at which step, and when its answer came."


def has_ballots(cls):
    """Whether the nodes of a class vote, or promise to, in ballots; where there are terms, votes are for nodes."""
    return "term" not in cls.state_defaults and any(name in cls.state_defaults for name in ("promised", *VOTES))


class Ballots:
    """All that a run's messages and states tell of its ballots. `text` gives the text of a value, or None.

    Attributes
    ----------
    rows : list
        The ballots, the earliest first.
    tags : dict
        For each ballot the few characters that stand for it.
    owners : dict
        For each ballot the node that opened it; None where several did.
    promises, votes : list of Grant
    asked : dict
        For each ballot the value it asks for first, and the step of that.
    """

    def __init__(self, run, text):
        self.run, self.text = run, text
        self.flights = [(f, f.envelope.message) for f in run.flights if ballot_of(f.envelope.message) is not None]
        self.opened, self.asked, openers = {}, {}, {}
        for flight, message in self.flights:
            sender, ballot, value = flight.envelope.sender, message.ballot, self._bare(message)
            first, kind = self.opened.setdefault(ballot, (flight.sent, type(message)))
            if kind is type(message):
                openers.setdefault(ballot, set()).add(sender)
            if value is not None and sender in openers[ballot]:
                self.asked.setdefault(ballot, (value, flight.sent))
        self.owners = {ballot: min(who) if len(who) == 1 else None for ballot, who in openers.items()}
        self.openers = openers
        self.rows = sorted(self.opened, key=canonical)
        self.tags = self._tags()
        self._follow()

    def __bool__(self):
        return bool(self.rows)

    # -- fields -------------------------------------------------------------------------------------------------

    def vote(self, cls, fields):
        """(field, ballot, text of the value) of the last vote in a node's fields, or None."""
        state = dict(zip(cls.state_defaults, fields))
        vote = state.get("accepted")
        if isinstance(vote, tuple) and len(vote) == 2 and self.is_ballot(vote[0]):
            return "accepted", vote[0], self.words(vote[1])
        ballot = state.get("voted")
        if "accepted" not in state and ballot in self.asked:
            return "voted", ballot, self.asked[ballot][0]
        return None

    def words(self, value):
        """The text of what a ballot is about: a value of the run, or the state of a machine (state, first command)."""
        return show(value[0][0] if with_sessions(value) else value)

    def last_vote(self, value):
        """(tag, text) where a value is a vote, a pair of ballot and value; else None."""
        pair = isinstance(value, tuple) and len(value) == 2 and self.is_ballot(value[0])
        return (self.tags[value[0]], self.words(value[1])) if pair else None

    def is_ballot(self, value):
        """True for a ballot that some message of the run has opened."""
        try:
            return value in self.opened
        except TypeError:
            return False

    def tag(self, value):
        """How a ballot is written in the picture; None for what is no ballot of the run."""
        try:
            return self.tags.get(value)
        except TypeError:
            return None

    def view(self, cls, fields):
        """What a node shows of its ballots: its floor, its flag and its own ballot, as numbers of rows."""
        state, vote = dict(zip(cls.state_defaults, fields)), self.vote(cls, fields)
        view = {
            "floor": self.number(state.get("promised")),
            "ballot": self.number(state.get("ballot")),
            "flag": [self.number(vote[1]), vote[2]] if vote else None,
        }
        return {name: what for name, what in view.items() if what is not None}

    def number(self, ballot):
        """The number of a ballot's row, from the earliest on; None for what is no ballot of the run."""
        return self._numbers.get(ballot)

    @cached_property
    def _numbers(self):
        return {ballot: number for number, ballot in enumerate(self.rows)}

    def message_value(self, message):
        """The value that a message of a ballot is about: the one it carries, that of the vote it tells of."""
        found = self._bare(message)
        if found is None:
            told = [self.last_vote(getattr(message, name)) for name in message._fields]
            found = next((vote[1] for vote in told if vote), None)
        if found is None and type(message) in self._answers["votes"] and message.ballot in self.asked:
            found = self.asked[message.ballot][0]
        return found

    def _bare(self, message):
        if getattr(message, "value", None) is not None:
            return self.words(message.value)
        texts = (self.text(getattr(message, name)) for name in message._fields)
        return next((text for text in texts if text is not None), None)

    # -- what the steps did -------------------------------------------------------------------------------------

    def _tags(self):
        names, pairs = self.run.system.names, all(isinstance(b, tuple) and len(b) == 2 for b in self.rows)
        gap = "" if all(len(name) == 1 for name in names) else " "
        if pairs and all(self.owners[ballot] == ballot[1] for ballot in self.rows):
            return {ballot: f"{ballot[0]}{gap}{names[ballot[1]]}" for ballot in self.rows}
        if pairs and len({ballot[1] for ballot in self.rows}) == 1:
            return {ballot: str(ballot[0]) for ballot in self.rows}
        return {ballot: str(ballot).replace(" ", "") for ballot in self.rows}

    def _follow(self):
        """Go through the steps: who promised and voted, and in which kinds of messages they said so."""
        run, self._answers, found = self.run, {"promises": set(), "votes": set()}, {"promises": {}, "votes": {}}
        for k, event in enumerate(run.events, 1):
            if not isinstance(event, (Deliver, Propose, Timeout)):
                continue
            i, cls = event.node, run.system.classes[event.node]
            sent = [(to, message) for to, message in run.trace[k][0].sent if ballot_of(message) is not None]
            before, after = (self.vote(cls, run.configurations[j].nodes[i].fields) for j in (k - 1, k))
            if after and after != before:
                self._grant(found, "votes", k, i, after[1], after[2], sent)
            ballot = self._asked_to_promise(event, i, sent)
            if ballot is not None and (ballot, i) not in found["promises"] and self._promises(cls, k, i, ballot, sent):
                self._grant(found, "promises", k, i, ballot, None, sent)
        self.promises, self.votes = ([*found[what].values()] for what in ("promises", "votes"))
        self.heard = {}  # (what, ballot, value) -> {learner: {acceptor: step}}
        for what, listed in (("promises", self.promises), ("votes", self.votes)):
            for number, grant in enumerate(listed):
                listed[number] = grant._replace(heard=self._heard(what, grant))

    def _grant(self, found, what, k, i, ballot, value, sent):
        if ballot not in self.opened:
            return
        found[what].setdefault((ballot, i) if value is None else (ballot, i, value), Grant(ballot, i, value, k, None))
        if i not in self.openers[ballot]:
            self._answers[what] |= {type(message) for _, message in sent if message.ballot == ballot}

    def _asked_to_promise(self, event, i, sent):
        """The ballot that a step asks node `i` to take part in, before there is a value: another's, or its own."""
        if isinstance(event, Deliver):
            message = event.envelope.message
            ballot = ballot_of(message)
            if ballot is not None and self.opened[ballot][1] is type(message) and self._bare(message) is None:
                return ballot
        opening = [message for _, message in sent if self.opened[message.ballot][1] is type(message)]
        return opening[0].ballot if opening and self._bare(opening[0]) is None else None

    def _promises(self, cls, k, i, ballot, sent):
        state = dict(zip(cls.state_defaults, self.run.configurations[k].nodes[i].fields))
        if i in self.openers[ballot] and not any(to in self.openers[ballot] for to, _ in sent):
            pairs = [pair for value in state.values() if isinstance(value, frozenset) for pair in value]
            asks = any(self._bare(message) is not None for _, message in sent)
            return state.get("promised") == ballot or asks or any(isinstance(p, tuple) and p[0] == i for p in pairs)
        floor = self.number(state.get("promised"))
        if floor is not None and floor > self._numbers[ballot]:
            return False
        return any(to in self.openers[ballot] and message.ballot == ballot for to, message in sent)

    def _heard(self, what, grant):
        """The step at which somebody first hears of it. A proposer hears its own at once."""
        if grant.ballot is not None and grant.node in self.openers[grant.ballot]:
            self._learn(what, grant, grant.node, grant.step)
        kinds = self._answers[what]
        for flight, message in self.flights:
            sender, receiver = flight.envelope.sender, flight.envelope.receiver
            if sender == grant.node and message.ballot == grant.ballot and type(message) in kinds:
                if flight.fate == "deliver" and flight.sent >= grant.step:
                    self._learn(what, grant, receiver, flight.end)
        heard = self.heard.get((what, grant.ballot, grant.value), {})
        steps = [step[grant.node] for step in heard.values() if grant.node in step]
        return min(steps, default=None)

    def _learn(self, what, grant, learner, step):
        known = self.heard.setdefault((what, grant.ballot, grant.value), {}).setdefault(learner, {})
        known[grant.node] = min(step, known.get(grant.node, step))

    # -- quorums ------------------------------------------------------------------------------------------------

    def quorums(self, phase):
        """The quorum system of phase 1 or 2."""
        cls = self.run.system.classes[0]
        return getattr(cls, f"phase_{phase}", ()) or majorities(sum(map(has_ballots, self.run.system.classes)))

    @cached_property
    def formed(self):
        """(step, ballot, kind, nodes, value) for each quorum, in the order in which they formed.

        The kinds are "prepared", when a proposer has a quorum of promises; "chosen", when a quorum has voted for one
        value; and "known", when somebody has heard of all those votes.
        """
        found = []
        for ballot in self.rows:
            prepared = self._heard_quorum("promises", ballot, None, 1)
            if prepared:
                found.append((prepared[0], ballot, "prepared", prepared[1], None))
            for value in dict.fromkeys(vote.value for vote in self.votes if vote.ballot == ballot):
                cast = {vote.node: vote.step for vote in self.votes if (vote.ballot, vote.value) == (ballot, value)}
                chosen = self._first_quorum(cast, 2)
                if chosen:
                    found.append((chosen[0], ballot, "chosen", chosen[1], value))
                    known = self._heard_quorum("votes", ballot, value, 2)
                    if known:
                        found.append((max(known[0], chosen[0]), ballot, "known", known[1], value))
        kinds = ("prepared", "chosen", "known")
        return sorted(found, key=lambda one: (one[0], kinds.index(one[2]), self.number(one[1])))

    def knower(self, ballot, value):
        """Who is the first to have heard of a quorum of votes for a value, or None."""
        heard = self.heard.get(("votes", ballot, value), {})
        ways = [(self._first_quorum(steps, 2), learner) for learner, steps in heard.items()]
        return min(((way[0], learner) for way, learner in ways if way), default=(None, None))[1]

    def _heard_quorum(self, what, ballot, value, phase):
        learners = self.heard.get((what, ballot, value), {}).values()
        return min(filter(None, (self._first_quorum(steps, phase) for steps in learners)), default=None)

    def _first_quorum(self, steps, phase):
        """(step, nodes) at which the nodes, each there from its step on, first make a quorum; else None."""
        for step in sorted(set(steps.values())):
            there = {node for node, since in steps.items() if since <= step}
            if covers(self.quorums(phase), there):
                return step, sorted(there)
        return None


def with_sessions(value):
    """Whether it is a pair of a machine's state, as ExactlyOnce has it, and the first command."""
    state = value[0] if isinstance(value, tuple) and len(value) == 2 else None
    return isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], frozenset)


def ballot_of(message):
    """The ballot that a message belongs to, or None."""
    return getattr(message, "ballot", None)
