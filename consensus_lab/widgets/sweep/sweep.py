"""The sweep: how often does what happen? Counted as you watch, for the settings that you choose."""

from consensus_lab.answers.sweep import EXPERIMENTS, describe
from consensus_lab.figures.sweep import sweep_picture
from consensus_lab.model.errors import ProtocolError
from consensus_lab.simulation.sweep import sweep
from consensus_lab.widgets.base import Recorded


class Sweep(Recorded):
    """Sliders for the settings of an experiment, and how often each outcome comes of it.

    Parameters
    ----------
    experiment : str
        ``"split"``: how often a majority vote splits. ``"patience"``: how long a tie-break should wait.
    seeds : int
        How many runs are recorded for each value of the first slider, for a page without Python to show.
    title : str, optional
        Stands above the bars.

    Examples
    --------
    >>> Sweep("split", seeds=50)
    Sweep('split', 8 settings, 50 seeds each)
    """

    kind, heading = "sweep", "In words"

    def __init__(self, experiment, seeds=300, title=None):
        shown = EXPERIMENTS.get(experiment)
        if shown is None:
            raise ProtocolError(f"no such experiment: {experiment!r}; there are {', '.join(EXPERIMENTS)}")
        first = {name: [list(texts)[at]] for name, (_, texts, at) in shown.settings.items()}
        varied, (_, texts, _) = next(iter(shown.settings.items()))
        recorded = sweep(shown.run, first | {varied: list(texts)}, seeds)
        settings = [
            {"name": name, "label": label, "values": list(texts), "texts": list(texts.values()), "at": at}
            for name, (label, texts, at) in shown.settings.items()
        ]
        payload = {
            "version": 1,
            "experiment": experiment,
            "title": title or shown.title,
            "settings": settings,
            "recorded": [describe(shown, tally) for tally in recorded],
        }
        self._words = f"Sweep({experiment!r}, {len(recorded)} settings, {recorded.seeds:,} seeds each)"
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
