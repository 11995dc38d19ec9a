"""Figures 7 and 8 of the Raft paper, and a story for each broken rule, as runs.

A story is told of any protocol: where the broken one breaks a property of Figure 3, Raft itself does not. The figures
are those of Ongaro and Ousterhout, "In search of an understandable consensus algorithm (extended version)" (2014),
sections 5.3 and 5.4.2, https://raft.github.io/raft.pdf.
"""

from consensus_lab.protocols.raft import mistakes
from consensus_lab.protocols.raft.membership import AddServer, RemoveServer
from consensus_lab.protocols.raft.messages import Appended, AppendEntries, RequestVote, Vote
from consensus_lab.protocols.raft.script import Script

A, B, C = range(3)


def figure_7(protocol=mistakes.OneByOne):
    """The logs of six followers, a to f, when a leader comes to power in term 8: a Run that ends there.

    The no-op that it appends then, of term 8, is not in the paper's figure. Neither is who voted for whom.

    Parameters
    ----------
    protocol : Raft class
        The servers; one entry a message, so that logs can be as in the figure.

    Returns
    -------
    Run
        Of seven servers, of which the first is the leader.
    """
    leader, a, b, c, d, e, f = range(7)
    script = Script(protocol, ("leader", *"abcdef"))
    script.elect(leader, a, b, c)  # term 1
    for command in (1, 2, 3):
        script.propose(leader, command)
        script.replicate(leader, a, b, c, d, e, f)
    script.beat(leader, a, b, c, d, e, f)
    script.elect(f, a, b, c)  # term 2
    for command in (4, 5, 6):
        script.propose(f, command)
    script.crash(f)
    script.restart(f)
    script.elect(f, a, b, c)  # term 3, and its no-op
    for command in (7, 8, 9, 10):
        script.propose(f, command)
    script.elect(e, leader, a, b)  # term 4
    script.replicate(e, c, d)
    for command, followers in ((4, (leader, a, b, c, d)), (5, (leader, a, c, d)), (6, ()), (7, ())):
        script.propose(e, command)
        script.replicate(e, *followers)
    script.elect(leader, a, c, d)  # term 5, and its no-op
    script.replicate(leader, a, c, d)
    script.propose(leader, 7)
    script.replicate(leader, a, c, d)
    script.elect(c, leader, a, d)  # term 6, and its no-op
    script.replicate(c, leader, a, d)
    for command, followers in ((9, (leader, a, d)), (10, (leader, d)), (11, ())):
        script.propose(c, command)
        script.replicate(c, *followers)
    script.elect(d, leader, a, b)  # term 7, and its no-op
    script.propose(d, 12)
    script.elect(leader, a, b, e)  # term 8
    return script.run


def figure_8(protocol=mistakes.OneByOne, end="d"):
    """An entry that is on a majority and is overwritten all the same: a Run up to panel "a", "b", "c", "d" or "e".

    In (a) S1, leader of term 2, has its entry on S2. In (b) it has crashed, and S5 leads term 3. In (c) S1 leads term
    4, and its old entry gets to S3. In (d) S5 leads term 5 and overwrites it. In (e) instead, S1 has had an entry of
    its own term on a majority before it crashed, so that S5 cannot be elected.

    Parameters
    ----------
    protocol : Raft class
        The servers; one entry a message, so that an old entry can be replicated alone.
    end : "a", "b", "c", "d" or "e"
        The panel of the figure at which the run ends.

    Returns
    -------
    Run
        Of five servers, S1 to S5.
    """
    s1, s2, s3, s4, s5 = range(5)
    script = Script(protocol, ("S1", "S2", "S3", "S4", "S5"))
    script.elect(s2, s1, s3)  # term 1
    script.propose(s2, "one")
    script.replicate(s2, s1, s3, s4, s5)
    script.beat(s2, s1, s3, s4, s5)
    script.elect(s1, s2, s3)  # term 2
    script.propose(s1, "two")
    script.replicate(s1, s2)
    if end == "a":
        return script.run
    script.crash(s1)
    script.elect(s5, s3, s4)  # term 3
    script.propose(s5, "three")
    if end == "b":
        return script.run
    script.crash(s5)
    script.restart(s1)
    script.elect(s1, s2, s3)  # term 4
    script.replicate(s1, s2, entries=())
    script.replicate(s1, s3)  # refused, as S3 lacks the entry of term 2
    script.replicate(s1, s3)
    if end == "c":
        return script.run
    if end == "e":
        script.replicate(s1, s3, s2)
        script.crash(s1)
        script.restart(s5)
        script.elect(s5, s2, s3, s4)
        return script.run
    script.crash(s1)
    script.restart(s5)
    script.elect(s5, s2, s3, s4)  # term 5
    for _ in range(3):  # refused, then the entry of term 3, then the no-op of term 5
        script.replicate(s5, s2, s3, s4)
    return script.run


# -- a story for each broken rule, of A, B and C --------------------------------------------------------------


def _two_candidates(protocol):
    """A and B both stand for election in term 1."""
    script = Script(protocol, "ABC")
    script.fire(A, "election")
    script.fire(B, "election")
    return script


def _asked_twice(protocol, between=lambda script: None):
    """C is asked by A and then by B for its vote in term 1."""
    script = _two_candidates(protocol)
    for candidate in (A, B):
        script.arrive(candidate, C, RequestVote)
        script.arrive(C, candidate, Vote)
        between(script)
    return script


def _committed(protocol):
    """A leads term 1, and its first entry is committed, for C has it; the heartbeat before it is still on its way."""
    script = Script(protocol, "ABC")
    script.elect(A, C)
    script.propose(A, "x")
    script.replicate(A, C)
    return script


def _crash_of_c(script):
    script.crash(C)
    script.restart(C)


def half(protocol):
    """Two stand for election in term 1, and each has its own vote alone."""
    return _two_candidates(protocol).run


def two_votes(protocol):
    """C is asked for its vote twice in term 1."""
    return _asked_twice(protocol).run


def vote_after_restart(protocol):
    """C is asked for its vote twice in term 1, and crashes in between."""
    return _asked_twice(protocol, _crash_of_c).run


def candidate_without_the_entry(protocol):
    """B stands for election, and does not have what A has committed."""
    script = _committed(protocol)
    script.elect(B, C)
    return script.run


def voter_without_the_entry(protocol):
    """C crashes once A has committed an entry with it; then B, which does not have it, asks C for its vote."""
    script = _committed(protocol)
    _crash_of_c(script)
    script.elect(B, C)
    return script.run


def late_heartbeat(protocol):
    """A heartbeat reaches C late: it is of before the entry that A has committed with C."""
    script = _committed(protocol)
    script.arrive(A, C, AppendEntries, entries=())
    script.elect(B, C)
    return script.run


def _two_leaders(protocol):
    """A leads term 1 and has an entry that nobody gets; B leads term 2, and its entry is committed, for C has it."""
    script = Script(protocol, "ABC")
    script.elect(A, C)
    script.propose(A, "x")
    script.elect(B, C)
    script.propose(B, "y")
    script.replicate(B, C)
    return script


def entry_for_another(protocol):
    """A has another entry at the index at which B, the leader of term 2, has committed one."""
    script = _two_leaders(protocol)
    script.beat(B, A)
    return script.run


def former_leader(protocol):
    """A, the leader of term 1, has C append its entry when B has committed one in term 2."""
    script = _two_leaders(protocol)
    script.arrive(A, C, AppendEntries, prev_index=0, entries=script.run.last.state(A)["log"])
    script.arrive(C, A, Appended)
    script.elect(A, C)
    return script.run


def two_changes(protocol):
    """Of four members S1 adds a fifth, and nobody but S5 hears of it; then S2 removes S1; then S1 comes back."""
    s1, s2, s3, s4, s5 = range(5)
    script = Script(protocol, ("S1", "S2", "S3", "S4", "S5"))
    script.elect(s1, s2, s3)
    script.replicate(s1, s2, s3, s4)
    script.propose(s1, AddServer(s5))
    script.beat(s1, s5)
    script.elect(s2, s3, s4)
    script.propose(s2, RemoveServer(s1))
    script.replicate(s2, s3)  # its no-op
    script.replicate(s2, s3)
    script.arrive(s2, s1, RequestVote)
    script.elect(s1, s4, s5)
    return script.run


STORIES = {
    mistakes.ElectsByHalf: half,
    mistakes.VotesAgain: two_votes,
    mistakes.VotesBlindly: candidate_without_the_entry,
    mistakes.AppendsBlindly: entry_for_another,
    mistakes.CutsAlways: late_heartbeat,
    mistakes.ObeysFormerLeaders: former_leader,
    mistakes.CommitsOldTerms: figure_8,
    mistakes.ChangesEarly: two_changes,
    mistakes.ForgetsItsVote: vote_after_restart,
    mistakes.ForgetsItsTerm: vote_after_restart,
    mistakes.ForgetsItsLog: voter_without_the_entry,
}
