"""The playground for Raft: a stage whose reader does to the servers what a network and a power supply do."""

from consensus_lab.answers.raft_lab import PROPOSALS, SERVERS, recorded
from consensus_lab.figures.run import run_picture
from consensus_lab.scene.packed import pack
from consensus_lab.widgets.base import Recorded
from consensus_lab.widgets.stage.stage import Stage


class RaftLab(Recorded):
    """A stage of Raft, with all rules kept or one of them broken, and with what bears on how it goes on.

    The number of servers and the timers, all alike or drawn at random, are those of the next start. Servers that are
    cut off stay so as long as the run goes on by itself.

    Examples
    --------
    >>> RaftLab()
    RaftLab(Raft, and 11 ways to break it)
    """

    kind, heading = "raft_lab", "Transcript"
    needs = ("packed", "stage")

    def __init__(self):
        entries = recorded()
        self._runs = {title: run for title, (run, _) in entries.items()}
        stage = Stage(self._runs, about={title: about for title, (_, about) in entries.items()})
        super().__init__(payload={"version": 1, "servers": SERVERS, "packed": pack(stage.payload)})

    def __repr__(self):
        return f"RaftLab(Raft, and {len(self._runs) - 1} ways to break it)"

    @property
    def picture(self):
        """The first run, as far as its first command is committed."""
        run = self._runs["Raft"]
        done = next(k for k, c in enumerate(run.configurations) if len(c.decisions) == len(PROPOSALS))
        return run_picture(run.rewind(done), "Raft elects a leader, and commits a command")

    @property
    def transcript(self):
        """The same run, a line an event."""
        return str(self._runs["Raft"])
