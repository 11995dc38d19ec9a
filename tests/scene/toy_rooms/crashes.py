"""A room that a test brings along: who is down, and for how long. This file is all it takes."""

from consensus_lab.model.events import Crash, Restart
from consensus_lab.scene.room import Room


class CrashesRoom(Room):
    """Nodes that are down, as [node, the step of the crash, the step of the restart or None]."""

    def __init__(self, look):
        super().__init__(look)
        self.down = []
        for k, event in enumerate(look.run.events, 1):
            if isinstance(event, Crash):
                self.down.append([event.node, k, None])
            elif isinstance(event, Restart):
                next(row for row in self.down if row[0] == event.node and row[2] is None)[2] = k

    @classmethod
    def fits(cls, classes):
        return True

    def part(self):
        return {"down": self.down, "lines": 1} if self.down else None

    def view(self, k, i):
        return {"crashes": sum(node == i and step <= k for node, step, _ in self.down)} if self.down else {}

    def told(self, k):
        return [f"It was down for {end - begin} steps." for _, begin, end in self.down if end == k]


ROOM = CrashesRoom
