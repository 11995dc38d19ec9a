"""The room of logs: what a run tells of them, and the words for it."""

from consensus_lab.scene.rooms.logs.captions import LogsRoom

ROOM = LogsRoom
