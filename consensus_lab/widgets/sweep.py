"""The sweep: how often do votes split? Counted as you watch, for the settings that you choose."""

from consensus_lab.experiments import split_vote
from consensus_lab.figures.sweep_picture import sweep_picture
from consensus_lab.sweep import sweep
from consensus_lab.widgets.measure import SETTINGS, describe
from consensus_lab.widgets.recorded import Recorded


class SplitVoteSweep(Recorded):
    """Sliders for the nodes, the delays and the loss of a majority vote, and how often each outcome comes of it.

    Parameters
    ----------
    seeds : int
        How many votes are recorded for each number of nodes, for a page without Python to show.
    title : str

    Examples
    --------
    >>> SplitVoteSweep(seeds=50)
    SplitVoteSweep(8 settings, 50 seeds each)
    """

    kind, heading = "sweep", "In words"

    def __init__(self, seeds=300, title="How often do votes split?"):
        first = {name: [list(texts)[at]] for name, (_, texts, at) in SETTINGS.items()}
        recorded = sweep(split_vote, first | {"n": list(SETTINGS["n"][1])}, seeds)
        settings = [
            {"name": name, "label": label, "values": list(texts), "texts": list(texts.values()), "at": at}
            for name, (label, texts, at) in SETTINGS.items()
        ]
        payload = {
            "version": 1,
            "title": title,
            "settings": settings,
            "recorded": [describe(tally) for tally in recorded],
        }
        self._words = f"SplitVoteSweep({len(recorded)} settings, {recorded.seeds:,} seeds each)"
        super().__init__(payload=payload)

    def __repr__(self):
        return self._words

    @property
    def picture(self):
        """The still picture of the setting that is shown first."""
        first = self.payload["recorded"][self.payload["settings"][0]["at"]]
        return sweep_picture(first, self.payload["title"])

    @property
    def transcript(self):
        """What was recorded, a line a setting."""
        return "\n".join(f"{result['name']}: {result['say']}" for result in self.payload["recorded"])
