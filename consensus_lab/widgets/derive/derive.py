"""Derive it: from one round to the synod, draft by draft, with the reader making the mends."""

from consensus_lab.answers.derive import BY_NAME, shown, told
from consensus_lab.experiments.synod_derivation import DETOURS, DRAFTS, draft_of
from consensus_lab.figures.run import run_picture
from consensus_lab.protocols.paxos.synod_drafts import ManyRounds
from consensus_lab.scene.packed import pack
from consensus_lab.widgets.base import Recorded


class Derive(Recorded):
    """The derivation of the synod as steps: predict what a draft is worth, see the run that breaks it, mend it.

    It searches every schedule of all drafts, which takes some seconds.
    """

    kind, heading = "derive", "The drafts, and what comes of each"
    needs = ("packed", "stage")

    def __init__(self):
        every = (*DRAFTS, *DETOURS)
        super().__init__(
            payload={
                "version": 1,
                "title": "Derive it",
                "steps": [draft.protocol.__name__ for draft in DRAFTS],
                "drafts": [told(draft) for draft in every],
                "packed": pack({draft.protocol.__name__: shown(draft) for draft in every}),
            }
        )

    def __repr__(self):
        return f"Derive({len(DRAFTS)} drafts and {len(DETOURS)} wrong turns)"

    @property
    def picture(self):
        """The shortest run that breaks the second draft."""
        draft = draft_of(ManyRounds)
        return run_picture(draft.counterexample, f"{draft.title}: the shortest run that breaks it")

    @property
    def transcript(self):
        """All drafts with what was found, the mends below each."""
        lines = []
        for number, name in enumerate(self.payload["steps"], 1):
            draft = told(BY_NAME[name])
            lines += [f"{number}. {_line(draft)}", *(f"   - {_line(told(BY_NAME[mend]))}" for mend in draft["mends"])]
        return "\n".join(lines)


def _line(draft):
    result = draft["found"]
    if result["kind"] == "holds":
        outcome = f"holds in all {result['configurations']:,} configurations"
    else:
        outcome = f"{result['events']} events break it: {result['why']}"
    return f"{draft['title']}: {draft['idea']} ({outcome})"
