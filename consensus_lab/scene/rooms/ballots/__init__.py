"""The room of ballots: what a run tells of them, and the words for it."""

from consensus_lab.scene.rooms.ballots.captions import BallotsRoom

ROOM = BallotsRoom
