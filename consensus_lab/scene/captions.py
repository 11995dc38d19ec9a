"""What happens in each step of a run, told in one or two sentences that are composed from the facts."""

from collections import namedtuple

from consensus_lab.model.events import Crash, Deliver, Drop, Duplicate, Propose, Restart, Timeout
from consensus_lab.model.values import show
from consensus_lab.scene.change import Change
from consensus_lab.scene.words import capital, held_words, listed, noun, plain, stop

Telling = namedtuple("Telling", "text effect mark say")
Telling.__doc__ = "A step as an entry of a list, its effect in two words, the mark for it, and the caption."

FEW = 2  # missing votes that are named


class Narrator:
    """Tells the steps of one run. `verdicts` are the properties as the scene has them."""

    def __init__(self, look, verdicts):
        self.look, self.run, self.names, self.verdicts = look, look.run, look.names, verdicts
        self.flights, self.rooms = self.run.flights, list(look.rooms.values())
        self._ended, self._copies = {}, {}
        for number, flight in enumerate(self.flights):
            if flight.end is not None:
                self._ended.setdefault(flight.end, number)
            self._copies.setdefault(flight.sent, number)

    def flight(self, k):
        """The number of the flight that step `k` ends, or, where it makes a copy, begins; None for other steps."""
        event = self.run.events[k - 1]
        if isinstance(event, Duplicate):
            return self._copies.get(k)
        return self._ended.get(k) if isinstance(event, (Deliver, Drop)) else None

    def tell(self, k):
        """The Telling of step `k`, from 1 on."""
        event = self.run.events[k - 1]
        match event:
            case Drop(envelope):
                say = f"The network loses {self._message(envelope)}"
                return Telling(self.look.describe(Deliver(envelope)), "lost", "drop", say)
            case Duplicate(envelope):
                say = f"The network makes a copy of {self._message(envelope)}"
                return Telling(self.look.describe(Deliver(envelope)), "copied", "", say)
            case Crash(node):
                return Telling(self.look.describe(event), "", "crash", self._crash(k, node))
        change = Change(self.look, k)
        if isinstance(event, Restart):
            mark, effect = "restart", ""
        else:
            mark = "decide" if change.decides else "vote" if change.takes else ""
            effect = self._effect(change)
        more = [sentence for room in self.rooms for sentence in room.told(k)]
        say = [*self._sentences(event, change), *more, *self._verdicts(k, change)]
        return Telling(self.look.describe(event), effect, mark, " ".join(say))

    # -- what happened --------------------------------------------------------------------------------------

    def _sentences(self, event, change):
        who = capital(self.names[event.node])
        verbs = [f"draws {show(choice)}" for choice in event.choices] + self._verbs(event, change)
        match event:
            case Propose(_, value):
                return self._proposes(f"{who} proposes {show(value)}", verbs, change)
            case Timeout(_, name):
                missing = self._missing(change)
                if missing:
                    first = f"{who} gives up waiting for {missing}"
                    verbs.insert(0, f"has heard {self._score(change)}")
                else:
                    first = f"{who}’s timer “{show(name)}” goes off"
            case Restart():
                first = f"{who} restarts"
                verbs = self._memory(change) + verbs
            case Deliver(envelope):
                first = self._hears(who, envelope, change)
            case _:
                raise TypeError(f"{event!r} calls no handler")
        return [stop(first), stop("It " + listed(verbs)) if verbs else self._nothing(change)]

    def _proposes(self, first, verbs, change):
        short = {f"votes {change.proposed}": "votes for it", f"decides {change.proposed}": "decides it"}
        if change.takes == change.proposed:  # that it keeps its own proposal in mind needs no words
            short[f"takes {change.proposed}"] = ""
        verbs = [verb for verb in (short.get(verb, verb) for verb in verbs) if verb]
        if not verbs:
            return [stop(first), self._nothing(change)]
        before = change.held if change.held and not change.takes else None
        return [stop(listed([first, *verbs])), *([self._nothing(change)] if before else [])]

    def _hears(self, who, envelope, change):
        sender = self.names[envelope.sender]
        if not self.look.up(change.k, envelope.sender):
            sender += ", which has crashed"
        said = self.look.quoted(envelope.message)
        if said:
            return f"{who} hears from {sender}: {said}"
        return f"{who} receives {self.look.told(envelope.message)} from {sender}"

    def _verbs(self, event, change):
        """What the node does, each as a verb with its object, for a list with commas."""
        verbs, ours = [], set()
        for room in self.rooms:
            told, fields = room.verbs(change)
            verbs, ours = verbs + told, ours | fields
        if change.counted:
            verbs.append(self._count(change))
        if change.takes:
            instead = f" instead of {change.held_before}" if change.held_before not in (None, change.takes) else ""
            what = "it" if verbs and verbs[-1].endswith(f" {change.takes}") else change.takes + instead
            verbs.append(f"{held_words(change.field)[0]} {what}")
            if change.decides and change.tally and not change.counted:
                verbs.append(f"now counts {change.tally.count(change.takes)} of {len(self.names)} for it")
        others = [(plain(name), self.look.display(name, value)) for name, value in change.others() if name not in ours]
        if others:
            verbs.append("sets " + listed([f"{name} to {value}" for name, value in others]))
        verbs += filter(None, dict.fromkeys(self._timer(name, after, change) for name, after in change.clock))
        if change.decides:
            verbs.append("decides it" if change.takes == change.decides else f"decides {change.decides}")
        return verbs + self._told(change, event.envelope.sender if isinstance(event, Deliver) else None)

    def _count(self, change):
        n, (value, count) = len(self.names), change.counted
        majority = count >= n // 2 + 1
        if change.decides and not majority and not change.missing():
            return f"has now heard all {n} votes, {self._score(change)}"
        if self._missing(change) and any(after for _, after in change.clock):
            return f"has now heard {self._score(change)}"
        counts = f"now counts {count} of {n} for {value}"
        if change.decides:
            return counts + (", a majority" if majority else "")
        if value in change.decided_before:
            return f"{counts}, which it has already decided"
        return counts + (f", but has already decided {change.decided_before[0]}" if change.decided_before else "")

    def _timer(self, name, after, change):
        missing = self._missing(change)
        if after is None:
            return "stops waiting" if change.tally else f"stops its timer “{show(name)}”"
        if missing:
            return f"starts to wait for {missing}"
        if name in change.timers_before and not all(room.tells_rearmed_timers for room in self.rooms):
            return ""
        return f"sets its timer “{show(name)}”" + (" anew" if name in change.timers_before else "")

    def _told(self, change, sender):
        """To whom it sends what, the quotes last."""
        groups = {}
        for to, message in change.sent:
            groups.setdefault(message, []).append(to)
        bare, quoted = {}, []
        known = {change.takes, change.decides, change.proposed} - {None}
        for message, receivers in groups.items():
            everyone = len(receivers) == len(self.names) - 1
            who = "everyone" if everyone and len(receivers) > 1 else listed([self.names[to] for to in receivers])
            said = self.look.quoted(message)
            asks = said.endswith("?”") or said.startswith("“please")
            if everyone and self.look.message_value(message) in known:
                bare[f"tells {who}"] = None
            elif not said:
                quoted.append(f"sends {self.look.told(message)} to {who}")
            elif receivers == [sender]:
                quoted.append(f"{'asks' if asks else 'answers'}: {said}")
            else:
                quoted.append(f"{'asks' if asks else 'tells'} {who}: {said}")
        return [*bare, *quoted]

    def _nothing(self, change):
        """Why the step changes nothing, as far as that shows."""
        said = change.heard or change.proposed
        why = next(filter(None, (room.nothing(change) for room in self.rooms)), "")
        if why:
            return why
        if change.known_vote and not change.decided:
            return "It has counted that vote already."
        if change.decided and all(room.decides_once for room in self.rooms):
            so_far, value = "has already decided", change.decided[0]
        elif change.held and change.cls.decides:
            so_far, value = f"{'has already voted' if self._votes(change) else 'already holds'}", change.held
        else:
            return "It changes nothing."
        return f"But it {so_far} {value}." if said and said != value else f"It {so_far} {value}."

    def _votes(self, change):
        return held_words(change.field)[0] == "votes"

    def _missing(self, change):
        """The missing votes in words, where they are few; else None."""
        names = [self.names[i] for i in change.missing()]
        if not 0 < len(names) <= FEW:
            return None
        return f"{names[0]}’s vote" if len(names) == 1 else f"the votes of {listed(names)}"

    def _score(self, change):
        return listed(
            [f"{change.tally.count(value)} for {value}" for value in self.look.slots if value in change.tally]
        )

    # -- crashes and the network ----------------------------------------------------------------------------

    def _message(self, envelope):
        sender, receiver = self.names[envelope.sender], self.names[envelope.receiver]
        said = self.look.quoted(envelope.message)
        if said:
            return stop(f"{sender}’s message to {receiver}: {said}")
        return f"{self.look.told(envelope.message)} from {sender} to {receiver}."

    def _crash(self, k, node):
        flights = [flight for flight in self.flights if flight.envelope.sender == node and flight.sent <= k]
        under_way = {flight.envelope.receiver for flight in flights if flight.end is None or flight.end > k}
        to = [self.names[i] for i in sorted(under_way) if self.look.up(k, i)]
        left = (
            f"What it sent to {listed(to)} is still on its way." if to else "Nothing that it sent is still on its way."
        )
        return f"{capital(self.names[node])} crashes and takes no further step. {left}"

    def _memory(self, change):
        """What a node that restarts has kept and what it has forgotten."""
        lasting = change.lasting()
        kept = [f"its {noun(name)}" for name in lasting if name in change.cls.durable]
        kept += ["its decision"] if change.decided else []
        lost = [f"its {noun(name)}" for name in lasting if name not in change.cls.durable]
        verbs = [f"has kept {listed(kept)}"] if kept else []
        verbs += [f"has forgotten {listed(lost)}"] if lost else []
        return verbs or ["has nothing to forget"]

    # -- verdicts -------------------------------------------------------------------------------------------

    def _effect(self, change):
        if change.decides:
            return f"decides {change.decides}"
        if change.takes and not (change.takes == change.proposed and not self._votes(change)):
            return f"{held_words(change.field)[0]} {change.takes}"
        return "waits" if change.tally and any(after for _, after in change.clock) else ""

    def _verdicts(self, k, change):
        for verdict in self.verdicts:
            if verdict["broken"] == k:
                yield self._broken(verdict, k, change)
            elif verdict["met"] == k:
                yield self._met(k)

    def _met(self, k):
        classes = self.look.system.classes
        deciding = [name for name, cls in zip(self.names, classes) if cls.decides]
        if len(deciding) < len(self.names):
            return f"Now {listed(deciding)} {'have' if len(deciding) > 1 else 'has'} decided."
        everyone = all(self.look.up(k, i) for i in range(len(self.names)))
        return "Now every node has decided." if everyone else "Now every node that is up has decided."

    def _broken(self, verdict, k, change):
        if verdict["name"] == "Agreement" and change.decides:
            if change.decided_before:
                return f"But it had decided {change.decided_before[0]}."
            sides = {}
            for i, name in enumerate(self.names):
                for value in self.look.decided(k, i):
                    if value != change.decides:
                        sides.setdefault(value, []).append(name)
            return f"But {listed([f'{listed(names)} decided {value}' for value, names in sides.items()])}."
        if verdict["name"] == "Validity":
            return "But nobody has proposed it."
        if verdict["name"] == "Termination":
            return self._stuck(k) + "."
        return f"{verdict['name']} is broken: {verdict['why']}."

    def _stuck(self, k):
        nodes = [i for i, cls in enumerate(self.look.system.classes) if cls.decides and self.look.up(k, i)]
        waiting = [i for i in nodes if not self.look.decided(k, i)]
        nobody = not any(self.look.decided(k, i) for i in range(len(self.names)))
        who = (
            "nobody has"
            if nobody
            else listed([self.names[i] for i in waiting]) + (" has" if len(waiting) == 1 else " have")
        )
        tallies = [self.look.tally(k, i) for i in waiting]
        enough = len(self.names) // 2 + 1
        split = all(tally and max(map(tally.count, self.look.slots)) < enough for tally in tallies)
        no_majority = "no value has a majority, " if split and nobody else ""
        return capital(f"{no_majority}nothing is left to happen, and {who}{'' if nobody else ' not'} decided")
