"""What the servers of `multi_paxos` say to each other."""

from consensus_lab.model.message import Message
from consensus_lab.protocols.machines import Entry


class Prepare(Message):
    """Phase 1a, for all slots after this one."""

    ballot: tuple[int, int]
    after: int

    says = "will you take part in ballot {ballot}, in all slots after {after}?"


class Promise(Message):
    """Phase 1b: the sender's votes (slot, ballot, entry), and the snapshot that stands for the slots before them."""

    ballot: tuple[int, int]
    snapshot: tuple
    votes: tuple

    says = "I promise to ignore all ballots before {ballot}; my last votes: {votes}"


class Accept(Message):
    """Phase 2a."""

    ballot: tuple[int, int]
    slot: int
    entry: Message

    says = "slot {slot}: in ballot {ballot}, accept {entry}!"


class Accepted(Message):
    """Phase 2b."""

    ballot: tuple[int, int]
    slot: int

    says = "slot {slot}: I accept it in ballot {ballot}"


class Chosen(Message):
    """For the learners: the entry is chosen in this slot."""

    slot: int
    entry: Message

    says = "slot {slot}: {entry} is chosen"


class Forward(Message):
    """For the leader."""

    entry: Entry

    says = "please get {entry} into the log"


class Missing(Message):
    """What is chosen in the slots after this one?"""

    after: int

    says = "what is chosen after slot {after}?"


class Snapshot(Message):
    """The machine's state after this slot, and the log's first command, which is the decision."""

    slot: int
    state: tuple
    first: object

    says = "the state after slot {slot} is {state}"
