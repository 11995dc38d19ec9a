"""Ben-Or's randomized consensus: a vote in rounds that is never forced, and a coin for those who are left undecided.

Ben-Or, "Another Advantage of Free Choice: Completely Asynchronous Agreement Protocols" (1983),
https://doi.org/10.1145/800221.806707, Protocol A, for crashes of fewer than half of the nodes. With f of them, a node
may wait for n - f messages and for no more; with f as large as it can be, that is a majority.

A round has two votes. In the first every node reports the value that it holds. A value that more than half of *all*
nodes report is suggested in the second vote; a node that sees none suggests nothing. Who hears more than f
suggestions decides, who hears one holds that value in the next round, and who hears none tosses a coin.

Safe, because in a round no two values are suggested: two majorities share a node, and it reports once. When some node
hears more than f suggestions of v, at most f nodes can be left unheard, so every node hears at least one: all hold v
in the next round, and v is all that they report, suggest and decide from then on. Valid, because a coin is tossed
only between values that were reported.

It decides with probability 1: whatever the order of messages, in each round the coins fall with some luck on the one
value that is suggested in it, if one is, and no schedule can make bad luck last. A node stops one round after it has
decided: by then all others have decided, too. One to which nothing was proposed takes up the first value it hears.
"""

from consensus_lab.model.node import Message, Node


class Report(Message):
    """The first vote of a round: the value that the sender holds."""

    round: int
    value: object

    says = "in round {round} I hold {value}"


class Suggest(Message):
    """The second vote of a round: the value that a majority reported, or None."""

    round: int
    value: object  # None: no value had a majority of the reports

    says = "in round {round} I suggest {value}"


class BenOr(Node):
    """Report, suggest, and where there is no suggestion, toss a coin."""

    round: int = 0
    value: object = None
    votes: int = 1  # which vote of the round it takes part in: 1 collects reports, 2 suggestions
    heard: frozenset = frozenset()  # (sender, message) of this round and later ones

    def propose(self, value):
        if self.round == 0:
            self.enter(1, value)

    def receive(self, sender, message):
        if self.round == 0 and isinstance(message, Report):
            self.enter(1, message.value)
        if message.round >= self.round:
            self.heard |= {(sender, message)}
        self.go_on()

    def enter(self, round, value):
        self.round, self.value, self.votes = round, value, 1
        self.heard = frozenset((sender, message) for sender, message in self.heard if message.round >= round)
        self.broadcast(Report(round, value))

    def go_on(self):
        """Close the vote once a majority is heard: to wait for one node more could be to wait forever."""
        values = self.collected(Report if self.votes == 1 else Suggest)
        if len(values) < self.majority:
            return
        if self.votes == 1:
            self.votes = 2
            favorite = max(values, key=values.count)
            self.broadcast(Suggest(self.round, favorite if values.count(favorite) >= self.majority else None))
        else:
            self.end_round([value for value in values if value is not None])

    def end_round(self, suggested):
        last = self.decided is not None
        if suggested:
            self.value = suggested[0]
        else:
            self.value = self.choose(frozenset(self.collected(Report)))
        if len(suggested) > len(self.nodes) - self.majority:
            self.decide(self.value)
        if not last:
            self.enter(self.round + 1, self.value)

    def collected(self, kind):
        """The values of the messages of one kind that were heard in this round, in the order of their senders."""
        mine = [(sender, m.value) for sender, m in self.heard if type(m) is kind and m.round == self.round]
        return [value for _, value in sorted(mine, key=lambda pair: pair[0])]
