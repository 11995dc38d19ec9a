"""What there is to say and to show of replicated logs."""

from consensus_lab.model.message import Message
from consensus_lab.scene.room import Room
from consensus_lab.scene.rooms.logs.reading import Logs, has_log, is_client
from consensus_lab.scene.words import capital, listed

COLORS = 5  # terms take turns in so many colors
LINES = 2  # the names of the columns, and room for the rest
TOLD = {"log", "accepted", "commit", "applied", "state", "term", "voted", "votes", "role", "leads", "leader"}
QUIET = {"next", "match", "acks", "patience", "wishes", "backlog", "serial", "ballots", "base", "base_term", "snapshot"}


class LogsRoom(Room):
    """The replicated logs of a run, for the scene and in words.

    Attributes
    ----------
    logs : Logs
    lost : dict of (int, int) to list
        By step and node the entries that its log has no more, as (index, number, whether it was committed).
    committed : dict of int to list
        By step the entries that are known to be committed since then, as (index, number).
    """

    decides_once = False
    tells_rearmed_timers = False  # servers do little else

    def __init__(self, look):
        super().__init__(look)
        self.names, self.logs = look.names, Logs(look)
        self.lost = {}
        for step, node, index, number, committed in self.logs.lost:
            self.lost.setdefault((step, node), []).append((index, number, committed))
        last = len(look.run)
        machines = {self.logs.machine(self.logs.state(last, i)) for i in self.logs.servers}
        self.machines = machines - {None, "empty"}  # one that understands none of its commands is not worth a column
        self.committed = {}
        for (index, number), step in self.logs.committed.items():
            self.committed.setdefault(step, []).append((index, number))

    @classmethod
    def fits(cls, classes):
        return any(has_log(one) or is_client(one) for one in classes)

    @property
    def hides(self):
        """With logs there is no chart of ballots, for it would be of one slot."""
        return ("ballots",) if self.logs.servers else ()

    # -- for the scene ------------------------------------------------------------------------------------------

    def part(self):
        logs = self.logs
        return {
            "servers": logs.servers,
            "entries": [list(entry) for entry in logs.entries],
            "versions": self._versions(),
            "committed": [[index, number, step] for (index, number), step in logs.committed.items()],
            "lost": [list(one) for one in logs.lost],
            "calls": [list(call) for call in logs.calls],
            "lines": LINES + len(logs.servers) if logs.servers else 0,
        }

    def tags(self):
        """The "tags" of a scene where messages belong to terms."""
        messages = [flight.envelope.message for flight in self.look.run.flights]
        rows = [[f"T{term}", (term - 1) % COLORS] for term in self.logs.terms]
        return {"rows": rows, "messages": [self.logs.term(getattr(message, "term", None)) for message in messages]}

    def _versions(self):
        """Each version as [an earlier one, how many entries of it, index of the first, the other entries, chosen?]."""
        told = []
        for number, (first, numbers, known) in enumerate(self.logs.versions):
            base, keep = None, 0
            for other in range(number - 1, max(-1, number - 12), -1):  # it is the change of a late one
                start, before, _ = self.logs.versions[other]
                pairs = enumerate(zip(before, numbers))
                same = next((j for j, (a, b) in pairs if a != b), min(len(before), len(numbers)))
                if start == first and same > keep:
                    base, keep = other, same
            told.append([base, keep, first, list(numbers[keep:]), *([list(known)] if known else [])])
        return told

    def view(self, k, i):
        """What a server shows: its log, how far it is committed, its term and its role."""
        if i not in self.logs.servers:
            return {}
        logs, state = self.logs, self.logs.state(k, i)
        view = {"log": logs.version(k, i), "commit": logs.commit(k, i), "term": logs.term(self._term(state))}
        view |= {"role": self._role(state), "machine": logs.machine(state) if self.machines else None}
        return {name: what for name, what in view.items() if what is not None}

    def words(self, k, i, undecided):
        """A server's role, or what a client waits for."""
        state = self.logs.state(k, i)
        if is_client(self.look.system.classes[i]):
            count = len(state["answers"])
            waits = f"asks for {self.logs.words(state['queue'][0])}" if state["queue"] else ""
            return waits or (f"has {count} answer{'s' * (count > 1)}" if count else "idle")
        role, votes = self._role(state), state.get("votes")
        if role == "candidate" and isinstance(votes, frozenset):
            return f"candidate, {len(votes)} vote{'s' * (len(votes) != 1)}"
        return role

    def _term(self, state):
        return next((state[name] for name in ("term", "promised", "ballot") if name in state), None)

    def _role(self, state):
        return state["role"] if "role" in state else "leader" if state.get("leads") else None

    # -- values -------------------------------------------------------------------------------------------------

    def held(self, i, local):
        """Of a server or a client, no value: what it has is in its log."""
        cls = self.look.system.classes[i]
        return (None, None) if has_log(cls) or is_client(cls) else None

    def carries(self, message):
        return True

    def message_value(self, message):
        return self.logs.message_value(message)

    def show(self, value):
        parts = self.look.parts(value)
        return self.logs.words(value) if parts is None and isinstance(value, Message) else parts

    def display(self, name, value):
        told = name == "state" or name == "log" and self.logs.servers
        return self.logs.display(name, value) if told else None

    # -- for the captions ---------------------------------------------------------------------------------------

    def entry(self, number):
        """The text of the entry of this number."""
        return self.logs.entries[number][1]

    def told(self, k):
        fresh = sorted(self.committed.get(k, []))
        if fresh:
            what = [f"entry {index} ({self.entry(number)})" for index, number in fresh]
            have = [i for i in self.logs.servers if self.logs.log(k, i).get(fresh[-1][0]) == fresh[-1][1]]
            are = "is" if len(what) == 1 else "are"
            yield f"{capital(listed(what))} {are} committed: {len(have)} of {len(self.logs.servers)} servers have it."
        for _, entries in [(at, lost) for at, lost in self.lost.items() if at[0] == k]:
            for index, number, committed in entries:
                if committed:
                    yield f"Entry {index} ({self.entry(number)}), which was committed, is lost."

    def nothing(self, change):
        return "It changes nothing." if change.i in self.logs.servers else ""

    def verbs(self, change):
        if change.i not in self.logs.servers:
            return [], {"queue", "answers", "server"}
        k, i, logs, told = change.k, change.i, self.logs, dict(change.others())
        state, verbs = logs.state(k, i), []
        if "term" in told:
            verbs.append(f"enters term {told['term']}")
        role = told.get("role")
        if role:
            verbs.append(f"becomes {'the' if role == 'leader' else 'a'} {role}")
        who = told.get("voted")
        if who is not None and who != i and isinstance(who, int):
            verbs.append(f"votes for {self.names[who]}")
        if told.get("votes") and role != "leader" and not self.look.rooms.get("ballots"):
            count = len(told["votes"])
            verbs.append(f"has {count} vote{'s' * (count > 1)}")
        before, after = logs.log(k - 1, i), logs.log(k, i)
        gone = [index for index, *_ in self.lost.get((k, i), ())]
        if gone and "accepted" not in told:
            verbs.append("drops " + self._places(gone))
        new = [index for index, number in after.items() if before.get(index) != number]
        if told.get("leads"):
            verbs.append("becomes the leader")
        if new:
            words = f" ({self.entry(after[new[0]])})" if len(new) == 1 else ""
            verbs.append(f"{'accepts' if 'accepted' in told else 'appends'} {self._places(new)}{words}")
        if change.proposed and not new and told.get("wishes"):
            verbs.append("keeps it until the leader has it")
        if logs.dropped(k, i) > logs.dropped(k - 1, i):
            verbs.append(f"keeps a snapshot instead of all up to entry {logs.dropped(k, i)}")
        if "applied" in told and told["applied"] > (change.before("applied") or 0):
            done = range((change.before("applied") or 0) + 1, told["applied"] + 1)
            machine = logs.machine(state)
            now = f" ({machine})" if machine not in (None, "empty") and "state" in told else ""
            verbs.append(f"applies {self._places(done)}{now}")
        return verbs, TOLD | QUIET

    def _places(self, indexes):
        first, last = min(indexes), max(indexes)
        return f"entry {first}" if first == last else f"entries {first} to {last}"
