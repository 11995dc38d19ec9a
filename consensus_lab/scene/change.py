"""What one step of a run did to its node: the facts that a caption is made of."""

from consensus_lab.model.events import Deliver, Propose, Restart
from consensus_lab.model.values import show


class Change:
    """The change that step `k` made.

    Attributes
    ----------
    takes, held, held_before : str or None
        The value that the node holds from this step on, holds after it, and held before it.
    decides : str or None
        What it decides in this step; `decided` and `decided_before` list all its decisions.
    tally : list or None
        The votes it has heard.
    counted : (str, int) or None
        The vote that it has just added to its tally, and how many votes for that value it has now.
    known_vote : bool
        True where the message is a vote that it had counted before.
    sent, clock
        As in the Reaction of the model.
    """

    def __init__(self, look, k):
        event = look.run.events[k - 1]
        i = event.node
        self.look, self.k, self.i, self.cls = look, k, i, look.system.classes[i]
        reaction = look.run.trace[k][0]
        self.sent, self.clock = reaction.sent, reaction.clock
        # a node that restarts begins with what it has kept, not with what it was when it crashed
        self._before = look.run.configurations[k - 1].nodes[i] if isinstance(event, Restart) else look.local(k - 1, i)
        self.timers_before = self._before.timers
        before, now = look.appearance(k - 1, i), look.appearance(k, i)
        self.decided, self.decided_before = now.decided, before.decided
        self.decides = self.decided[-1] if len(self.decided) > len(self.decided_before) else None
        holding = look.holds(i, self._before) if isinstance(event, Restart) else before.holds
        self.field, self.held, _ = now.holds
        self.held_before, self.takes = holding[1], self.held if now.holds != holding else None
        self.proposed = show(event.value) if isinstance(event, Propose) else None
        self.heard = look.message_value(event.envelope.message) if isinstance(event, Deliver) else None
        self.tally, self.counted, self.known_vote = now.tally, None, False
        if self.tally and isinstance(event, Deliver):
            sender = event.envelope.sender
            vote = self.tally[sender]
            if vote != before.tally[sender]:
                self.counted = vote, self.tally.count(vote)
            elif vote is not None and vote == self.heard:
                self.known_vote = type(event.envelope.message) in look.vote_messages

    def before(self, name):
        """A field before the step, or None where the class has no such field."""
        return dict(zip(self.cls.state_defaults, self._before.fields)).get(name)

    def after(self, name):
        """The value of a field after the step; None where there is no such field."""
        return self.look.fields(self.k, self.i).get(name)

    def others(self):
        """(name, value) of fields that changed, but for those that show as a value, a tally or a decision."""
        names = list(self.cls.state_defaults)
        told = {self.field, self.look.tally_field(self.i)}
        pairs = zip(names, self._before.fields, self.look.local(self.k, self.i).fields)
        return [(name, after) for name, before, after in pairs if before != after and name not in told]

    def lasting(self):
        """The names of the fields that were not as at the start when the node crashed."""
        before, defaults = self.look.fields(self.k - 1, self.i), self.cls.state_defaults
        return [name for name, value in before.items() if value != defaults[name]]

    def missing(self):
        """The numbers of the nodes whose votes it has not heard."""
        return [i for i, vote in enumerate(self.tally) if vote is None] if self.tally else []
