"""What there is to say of ballots: how each stands, which quorum a step has made, and what a node did for a ballot."""

from consensus_lab.scene.room import Room
from consensus_lab.scene.rooms.ballots.reading import BALLOT_FIELDS, Ballots, ballot_of, has_ballots, with_sessions
from consensus_lab.scene.words import capital, listed

LINES = 6  # so many ballots are shown at a time
TOLD = {"ballot", "promised", "voted", "wish", "promises", "answers", "votes", "proposal"}  # fields with words here


class BallotsRoom(Room):
    """The ballots of a run, for the scene and in words; empty where no message belongs to one.

    Attributes
    ----------
    ballots : Ballots
    formed : dict of int to list
        By step the quorums that it completes, each as [ballot, kind, nodes, value].
    """

    def __init__(self, look):
        super().__init__(look)
        self.names, self.ballots = look.names, Ballots(look.run, look.text)
        self.formed = {}
        for step, *quorum in self.ballots.formed:
            self.formed.setdefault(step, []).append(quorum)

        self._granted, self._grants = "promised", "promise"
        if not any("promised" in cls.state_defaults for cls in look.system.classes):
            self._granted, self._grants = "answered", "answer"

    @classmethod
    def fits(cls, classes):
        return any(map(has_ballots, classes))

    def __bool__(self):
        return bool(self.ballots)

    def votes(self, i):
        """Whether node `i` votes in ballots."""
        return bool(self) and has_ballots(self.look.system.classes[i])

    def row(self, ballot):
        """The number of a ballot's row, or None."""
        return self.ballots.number(ballot)

    # -- for the scene ------------------------------------------------------------------------------------------

    def part(self):
        if not self:
            return None
        ballots, number = self.ballots, self.ballots.number
        grants = [[number(g.ballot), g.node, g.step, g.heard, g.value] for g in (*ballots.promises, *ballots.votes)]
        return {
            "opened": [ballots.opened[ballot][0] for ballot in ballots.rows],
            "grants": grants,
            "quorums": [[step, number(ballot), kind, nodes, v] for step, ballot, kind, nodes, v in ballots.formed],
            "acceptors": [i for i, cls in enumerate(self.look.system.classes) if has_ballots(cls)],
            "says": self._standings(),
            "lines": min(len(ballots.rows), LINES) + 1,
        }

    def tags(self):
        """The "tags" of a scene: each ballot's, in the color of its owner, and the row of each message."""
        if not self:
            return None
        messages = [flight.envelope.message for flight in self.look.run.flights]
        rows = [[self.ballots.tags[ballot], self.ballots.owners[ballot]] for ballot in self.ballots.rows]
        return {"rows": rows, "messages": [self.ballots.number(ballot_of(message)) for message in messages]}

    def _standings(self):
        """[step, row, words, value it asks for] wherever the words about a ballot change."""
        ballots, found = self.ballots, []
        for row, ballot in enumerate(ballots.rows):
            steps = {ballots.opened[ballot][0], *(step for step, of, *_ in ballots.formed if of == ballot)}
            steps |= {self._asked(ballot)[1], self._left(ballot)} - {None}
            grants = [grant for grant in (*ballots.promises, *ballots.votes) if grant.ballot == ballot]
            steps |= {grant.heard for grant in grants} - {None}
            last = None
            for step in sorted(steps):
                words = self._standing(ballot, step)
                if words != last:
                    found.append([step, row, *words])
                    last = words
        return sorted(found, key=lambda one: one[:2])

    def _standing(self, ballot, k):
        """(words, value) for a ballot after `k` steps."""
        formed = [(kind, nodes, v) for step, of, kind, nodes, v in self.ballots.formed if of == ballot and step <= k]
        value, since = self._asked(ballot)
        chosen, left = [v for kind, _, v in formed if kind == "chosen"], self._left(ballot)
        if len(chosen) > 1:
            return f"{listed(chosen)} are both chosen", chosen[0]
        if chosen:
            who = self.ballots.knower(ballot, chosen[0])
            knows = who is not None and any(kind == "known" for kind, *_ in formed)
            return f"{chosen[0]} is chosen, and {self.names[who] if knows else 'nobody'} knows", chosen[0]
        owner = self.ballots.owners[ballot]
        gone = "" if left is None or left > k else f", {self.names[owner]} has moved on"
        sharing = [self.names[i] for i in sorted(self.ballots.openers[ballot])]
        shared = f"of {listed(sharing)} both: " if owner is None else ""
        if since is not None and since <= k:
            return f"{shared}asks for {value}: {self._count('vote', 2, self.ballots.votes, ballot, k)}{gone}", value
        return shared + self._count(self._grants, 1, self.ballots.promises, ballot, k) + gone, None

    def _count(self, noun, phase, grants, ballot, k):
        there = {g.node for g in grants if g.ballot == ballot and g.heard is not None and g.heard <= k}
        sizes = {len(quorum) for quorum in self.ballots.quorums(phase)}
        needed = f", {min(sizes)} needed" if len(sizes) == 1 else ""
        return f"{len(there)} {noun}{'s' * (len(there) != 1)}{needed}"

    def _asked(self, ballot):
        return self.ballots.asked.get(ballot, (None, None))

    def _left(self, ballot):
        """The step at which the owner of a ballot opens a later one, or None."""
        ballots, owner = self.ballots, self.ballots.owners[ballot]
        later = [ballots.opened[b][0] for b in ballots.rows if ballots.owners[b] == owner is not None and b != ballot]
        return min((step for step in later if step > ballots.opened[ballot][0]), default=None)

    def view(self, k, i):
        """What a node shows of its ballots: its floor, its flag and its own ballot, as numbers of rows."""
        return self.ballots.view(self.look.system.classes[i], self.look.local(k, i).fields) if self.votes(i) else {}

    # -- values -------------------------------------------------------------------------------------------------

    def held(self, i, local):
        """Of a node that votes in ballots, the value of its last vote."""
        if not self.votes(i):
            return None
        field, _, text = self.vote(i, local) or (None, None, None)
        return field, text

    def vote(self, i, local):
        return self.ballots.vote(self.look.system.classes[i], local.fields) if self.votes(i) else None

    def carries(self, message):
        return bool(self) and hasattr(message, "ballot")

    def message_value(self, message):
        return self.ballots.message_value(message)

    def show(self, value):
        if not self:
            return None
        tag, vote = self.ballots.tag(value), self.ballots.last_vote(value)
        if tag:
            return tag
        if vote:
            return " ".join(vote)
        return self.ballots.words(value) if with_sessions(value) else self.look.parts(value)

    def display(self, name, value):
        before_all = name in BALLOT_FIELDS and self.ballots.tag(value) is None
        return "none" if before_all else None

    # -- for the captions ---------------------------------------------------------------------------------------

    def words(self, k, i, undecided):
        if not (undecided and self.votes(i)):
            return None
        _, wanted = self.look.kept_in(i, self.look.local(k, i))
        return wanted and f"wants {wanted}"

    def told(self, k):
        formed = self.formed.get(k, [])
        known = [ballot for ballot, kind, *_ in formed if kind == "known"]
        for ballot, kind, nodes, value in formed:
            tag, who = self.ballots.tags[ballot], listed([self.names[i] for i in nodes])
            have = "has" if len(nodes) == 1 else "have"
            if kind == "prepared":
                yield f"{capital(who)} {have} {self._granted}: {tag} is prepared."
            elif kind == "chosen":
                unseen = f", and {who} knows" if ballot in known else ", though nobody knows it yet"
                yield f"With that, {value} is chosen: {who} {have} accepted it in {tag}{unseen}."
            elif not any(of == ballot and other == "chosen" for of, other, *_ in formed):
                yield f"Now {self.names[self.ballots.knower(ballot, value)]} knows that {value} is chosen."

    def nothing(self, change):
        """Why a message of a ballot changes nothing, where that shows: an acceptor is past it, or a proposer is."""
        event, state = self.look.run.events[change.k - 1], self.look.fields(change.k, change.i)
        ballot = getattr(getattr(event, "envelope", None), "message", None)
        number = self.ballots.number(getattr(ballot, "ballot", None))
        if number is None:
            return ""
        own = self.ballots.owners[self.ballots.rows[number]] == change.i
        floor, running = (self.ballots.number(state.get(name)) for name in ("promised", "ballot"))
        if not own and floor is not None and floor > number:
            return f"But it has promised {self.ballots.tags[self.ballots.rows[floor]]}."
        if own and running is not None and running > number:
            return f"But it has moved on to {self.ballots.tags[self.ballots.rows[running]]}."
        return ""

    def verbs(self, change):
        if not self.votes(change.i):
            return [], set()
        ballots, told, verbs = self.ballots, dict(change.others()), []
        opened = ballots.tag(told.get("ballot"))
        if opened:
            verbs.append(f"opens ballot {opened}")
        promised = ballots.tag(told.get("promised"))
        voted = change.takes and ballots.vote(change.cls, self.look.local(change.k, change.i).fields)
        if promised and not (voted and voted[1] == told["promised"]):
            own = told.get("ballot") == told["promised"]
            verbs.append("promises to take part" if own else f"promises to ignore all before {promised}")
        wanted = self.look.text(told.get("wish"))
        if wanted and wanted != change.proposed:
            verbs.append(f"wants {wanted}")
        if self.look.text(told.get("proposal")):
            verbs += self._picks(change)
            told.pop("votes", None)
        for name, noun in (("promises", "promise"), ("answers", "answer"), ("votes", "vote")):
            if told.get(name) and not opened:
                count = len({x[0] if isinstance(x, tuple) else x for x in told[name]})
                verbs.append(f"has {count} {noun}{'s' * (count > 1)}")
        return verbs, TOLD if voted else TOLD - {"voted"}

    def _picks(self, change):
        """What a proposer has been told of votes, and what it asks for."""
        event = self.look.run.events[change.k - 1]
        answers = [answer for name in ("promises", "answers") for answer in change.before(name) or ()]
        told = [what for answer in answers for what in (answer if isinstance(answer, tuple) else (answer,))]
        if hasattr(event, "envelope"):
            message = event.envelope.message
            told += [getattr(message, name) for name in message._fields]
        votes = sorted({vote for vote in map(self.ballots.last_vote, told) if vote})
        listing = listed([" ".join(vote) for vote in votes]) if votes else "no vote"
        return [f"has been told of {listing}", f"settles on {self.look.text(change.after('proposal'))}"]
