"""What goes wrong with a replicated log, each mistake in a few lines. A search of every schedule refutes each.

The properties that they break are in `log_properties`.
"""

from consensus_lab.model.message import Message
from consensus_lab.protocols.machines import Entry, PutIfAbsent
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.protocols.replication.replicas import at
from consensus_lab.protocols.replication.replicated_log import ReplicatedLog

# -- a command that is not deterministic ----------------------------------------------------------------------


class Pick(Message):
    """Let chance decide what the key holds, unless it holds something: the user of the day."""

    key: object
    options: tuple


class PicksWhenApplied(ReplicatedLog):
    """Each replica applies the same command, and tosses a coin of its own. (Its own clock would do as well.)

    To mend it, let whoever proposes toss the coin, and propose what came of it: PutIfAbsent.
    """

    def move(self, entry):
        match entry:
            case Entry(client, serial, Pick(key, options)):
                entry = Entry(client, serial, PutIfAbsent(key, self.choose(options)))
        super().move(entry)


# -- a gap ----------------------------------------------------------------------------------------------------


class AppliesPastGaps(ReplicatedLog):
    """Why wait? What is chosen is chosen, so it is applied at once, whatever may come before it."""

    def learn(self, slot, entry):
        if at(self.log, slot) is None:
            self.execute(entry)
        super().learn(slot, entry)


# -- a client that asks again ---------------------------------------------------------------------------------


class NumbersTries(Client):
    """A client that asks again under a new number. How are the servers to know that it is the same command?"""

    tries: int = 0

    durable = (*Client.durable, "tries")

    def ask(self):
        if self.queue:
            self.tries += 1
        super().ask()

    @property
    def serial(self):
        return self.tries
