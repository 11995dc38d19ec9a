"""The duel: the reader orders events so that neither of two proposers ever wins, and then meets with backoff."""

from consensus_lab.answers.duel import duel_scene
from consensus_lab.experiments.proposer_duel import duel, outbid_run
from consensus_lab.figures.run import run_picture
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.protocols.paxos.synod import Synod
from consensus_lab.protocols.paxos.synod_proposers import BackoffSynod, EagerSynod, LeaderSynod
from consensus_lab.scene.packed import pack
from consensus_lab.widgets.base import Recorded

SHOWN = 4  # ballots in the still picture
MODES = {  # name -> (protocol, does the network keep time, about, what the recorded run shows, that run)
    "Whenever you say": (
        Synod, False,
        "You order everything, timers too. A message may wait for as long as you like.",
        "Every message is delivered, nobody is dead, and after each ballot either value can still win. There is no end "
        "to it. That is the run that the last chapter promised of any protocol that is safe and that no crash blocks.",
        lambda: duel(8),
    ),
    "Again at once": (
        EagerSynod, True,
        "The network keeps time: what you hold back arrives after two units, and timers fire when they are due. Who is "
        "outbid hears of it, and bids higher at once.",
        "A clock alone does not help: two that answer each other at once can go on like that for ever.",
        lambda: outbid_run(EagerSynod, most=60),
    ),
    "After a random wait": (
        BackoffSynod, True,
        "The network keeps time, and who is outbid waits for one to eight units, at random, before it bids again.",
        "You order the messages within two units, and chance the waits. Sooner or later one waits for long enough, "
        "and the other has its ballot to itself.",
        lambda: outbid_run(BackoffSynod),
    ),
    "Through a favorite": (
        LeaderSynod, True,
        "The network keeps time, and both hand their values to C. They try for themselves only if nothing comes of it.",
        "There is nobody to outbid. All that you can do is to be slow, and the clock limits that.",
        lambda: outbid_run(LeaderSynod),
    ),
}  # fmt: skip


class Duel(Recorded):
    """A game: two proposers of the synod, and the reader keeps both from getting a value chosen.

    First the reader orders all events, then the network keeps time and the proposers bid again in other ways.

    Examples
    --------
    >>> Duel()
    Duel('Whenever you say', 'Again at once', 'After a random wait', 'Through a favorite')
    """

    kind, heading = "duel", "How neither of them wins"
    needs = ("network", "packed", "stage")

    def __init__(self):
        modes, how = [], []
        for name, (protocol, clock, about, shows, play) in MODES.items():
            start = Run(System(protocol, 3, {0: "red", 1: "blue"}, timeouts=None))
            modes.append(
                {"name": name, "clock": clock, "about": about, "shows": shows, "start": duel_scene(start, clock)}
            )
            how.append(duel_scene(play(), clock))
        super().__init__(payload={"version": 1, "title": "The duel", "modes": modes, "packed": pack(how)})

    def __repr__(self):
        return f"Duel({', '.join(map(repr, MODES))})"

    @property
    def picture(self):
        """A few ballots that outbid each other."""
        return run_picture(duel(SHOWN), "Two proposers outbid each other")

    @property
    def transcript(self):
        """The same, a line an event."""
        return str(duel(SHOWN))
