"""Mends that do not mend, and the synod with a part left out or done wrong. A search of every schedule refutes each.

Each is the class that it derives from but for what is written here. Two of them, `PromiseAgain` and `SharedRounds`,
are mistakes only together.
"""

from consensus_lab.model.values import canonical
from consensus_lab.protocols.paxos.synod import Accept, Accepted, Prepare, Promise, Synod
from consensus_lab.protocols.paxos.synod_drafts import AskFirst, ManyRounds, OneRound, PromiseAndAdopt

# -- to get out of a split vote -------------------------------------------------------------------------------


class HalfIsEnough(OneRound):
    """Half of the nodes, rounded down, is enough."""

    def chosen(self):
        return len(self.votes) >= len(self.nodes) // 2


class GiveUp(OneRound):
    """A candidate that has waited long enough takes itself for elected."""

    patience = 6.0

    def begin(self):
        self.set_timer("give up", after=self.patience)
        super().begin()

    def timeout(self, name):
        if self.decided is None:
            self.decide(self.wish)


# -- to make many rounds agree --------------------------------------------------------------------------------


class VoteAsBefore(ManyRounds):
    """A node that has voted for a value votes for no other, in any round: all are as stuck as in one round."""

    value: object = None

    def receive(self, sender, message):
        match message:
            case Accept(_, value) if self.value not in (None, value):
                return
            case Accept(_, value):
                self.value = value
        super().receive(sender, message)


class AskAnyone(AskFirst):
    """One answer is enough."""

    def prepared(self):
        return len(self.answers) >= 1


class AskEverybody(AskFirst):
    """Every node has to answer, not only a majority. It blocks when one crashes, and old rounds go on all the same."""

    def prepared(self):
        return len({acceptor for acceptor, _ in self.answers}) == len(self.nodes)


# -- which value to adopt -------------------------------------------------------------------------------------


class AdoptAny(PromiseAndAdopt):
    """Any vote that it was told of will do."""

    def pick(self):
        voted = [accepted for _, accepted in self.promises if accepted]
        return self.choose({value for _, value in voted}) if voted else self.wish


class AdoptEarliest(PromiseAndAdopt):
    """The value of the earliest vote, for it was there first."""

    def pick(self):
        voted = [accepted for _, accepted in self.promises if accepted]
        return min(voted)[1] if voted else self.wish


class AdoptMostCommon(PromiseAndAdopt):
    """The value that most of those who answered have voted for; of several, the first in the alphabet."""

    def pick(self):
        voted = [accepted[1] for _, accepted in self.promises if accepted]
        return min(voted, key=lambda value: (-voted.count(value), canonical(value))) if voted else self.wish


# -- what an acceptor checks ----------------------------------------------------------------------------------


class AcceptAlways(Synod):
    """An acceptor that accepts what comes, whatever it has promised."""

    def receive(self, sender, message):
        match message:
            case Accept(ballot, value):
                self.accepted = ballot, value
                self.send(sender, Accepted(ballot))
            case _:
                super().receive(sender, message)


class PromiseAgain(Synod):
    """An acceptor that is asked twice promises twice. No mistake as long as a ballot belongs to one proposer."""

    def receive(self, sender, message):
        match message:
            case Prepare(ballot) if ballot == self.promised:
                self.send(sender, Promise(ballot, self.accepted))
            case _:
                super().receive(sender, message)


class SharedRounds(Synod):
    """A ballot is the number of a round, the same for all. No mistake as long as a node promises each only once.

    Then a majority can promise it to one proposer only: so Raft elects the leader of a term.
    """

    def enter(self, ballot):
        """Run the ballot, without the node's number in it."""
        super().enter(ballot and (ballot[0], 0))


class SharedBallots(PromiseAgain):
    """The two together, so that two proposers may hold the same ballot."""

    def enter(self, ballot):
        super().enter(ballot and (ballot[0], 0))


# -- what outlives a restart ----------------------------------------------------------------------------------


class ForgetsPromise(Synod):
    """On disk is the last vote, and not the promise."""

    durable = ("accepted",)


class ForgetsVote(Synod):
    """On disk is the promise, and not the last vote."""

    durable = ("promised",)
