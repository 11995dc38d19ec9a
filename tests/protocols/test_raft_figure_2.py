"""Raft, sentence by sentence of Figure 2 of the paper.

D. Ongaro, J. Ousterhout, "In search of an understandable consensus algorithm (extended version)" (2014),
https://raft.github.io/raft.pdf. Each docstring quotes the sentence, shortened.
"""

from consensus_lab import Deliver, Envelope
from consensus_lab.protocols import Raft
from consensus_lab.protocols.machines import Get, Put
from consensus_lab.protocols.raft.messages import Appended, AppendEntries, NoOp, RequestVote, Vote
from consensus_lab.protocols.raft.script import Script
from consensus_lab.protocols.replication.clients import Answer, Client, Request

A, B, C = range(3)


def start(n=3, protocol=Raft):
    return Script(protocol, "ABCDE"[:n])


def led(*commands, n=3, by=A):
    """One node leads term 1, all have the commands, and know that they are committed."""
    script = start(n)
    others = [i for i in range(n) if i != by]
    script.elect(by, *others[: n // 2])
    for command in commands:
        script.propose(by, command)
        script.replicate(by, *others)
    script.beat(by, *others)
    return script


def state(script, node):
    return script.run.last.state(node)


def sent(script, kind, sender=None, receiver=None):
    """The messages of a kind in flight."""
    flying = [e for e in script.run.last.in_flight if isinstance(e.message, kind)]
    return [e.message for e in flying if sender in (None, e.sender) and receiver in (None, e.receiver)]


def last_sent(script, kind, sender, receiver):
    envelopes = [flight.envelope for flight in script.run.flights]
    return [e.message for e in envelopes if (type(e.message), e.sender, e.receiver) == (kind, sender, receiver)][-1]


def commands(script, node):
    return [getattr(entry, "command", entry) for _, entry in state(script, node)["log"]]


def hears(fields, sender, message, protocol=Raft):
    """What node A, with these fields, answers to a message, and its fields then."""
    system = start(3, protocol).run.system
    first = system.initial().nodes[A]
    names = list(protocol.state_defaults)
    local = first._replace(fields=tuple(fields.get(name, value) for name, value in zip(names, first.fields)))
    ((_, reaction),) = system.reactions(A, local, ("receive", sender, message))
    return [reply for to, reply in reaction.sent if to == sender], dict(zip(names, reaction.local.fields)), reaction


# -- state ----------------------------------------------------------------------------------------------------


def test_current_term_is_0_on_first_boot_and_increases_monotonically():
    """currentTerm: latest term server has seen (initialized to 0 on first boot, increases monotonically)"""
    script = start()
    assert state(script, A)["term"] == 0
    script.elect(A, B)
    script.elect(C, B)
    terms = [c.state(B)["term"] for c in script.run.configurations]
    assert terms == sorted(terms) and terms[-1] == 2
    assert hears({"term": 2}, B, RequestVote(1, 0, 0))[1]["term"] == 2


def test_voted_for_is_the_candidate_that_received_the_vote_in_the_current_term():
    """votedFor: candidateId that received vote in current term (or null if none)"""
    script = start()
    assert state(script, B)["voted"] is None
    script.elect(A, B)
    assert state(script, B)["voted"] == A
    script.fire(C, "election")
    script.fire(C, "election")
    script.arrive(C, A, RequestVote, term=2)
    assert state(script, A)["voted"] == C, "in a new term the vote is free again"


def test_the_log_has_commands_with_terms_and_its_first_index_is_1():
    """log[]: each entry contains command for state machine, and term when entry was received by leader (first index
    is 1)
    """
    script = led("x")
    assert [term for term, _ in state(script, B)["log"]] == [1] and commands(script, B) == ["x"]
    assert state(script, B)["commit"] == 1


def test_term_vote_and_log_are_on_stable_storage_before_an_answer():
    """Persistent state: updated on stable storage before responding to RPCs"""
    script = led("x")
    script.propose(A, "y")
    script.arrive(A, B, AppendEntries)
    assert sent(script, Appended, B, A)
    script.crash(B)
    script.restart(B)
    after = state(script, B)
    assert (after["term"], after["voted"], commands(script, B)) == (1, A, ["x", "y"])


def test_commit_index_and_last_applied_are_volatile_and_start_from_0():
    """commitIndex, lastApplied: initialized to 0, increase monotonically (volatile)"""
    script = led("x")
    for name in ("commit", "applied"):
        values = [c.state(A)[name] for c in script.run.configurations]
        assert values[0] == 0 and values == sorted(values) and values[-1] == 1
    script.crash(A)
    script.restart(A)
    assert (state(script, A)["commit"], state(script, A)["applied"]) == (0, 0)
    assert state(script, A)["state"] == Raft.state_defaults["state"], "the state machine starts anew, too"


def test_next_index_starts_just_after_the_leaders_last_and_match_index_from_0():
    """nextIndex[]: initialized to leader last log index + 1; matchIndex[]: initialized to 0"""
    script = led("x", "y")
    script.elect(B, C)
    assert state(script, B)["next"] == (3, 3, 3) and state(script, B)["match"] == (0, 0, 0)


def test_next_index_and_match_index_are_reinitialized_after_election():
    """Volatile state on leaders (reinitialized after election)"""
    script = led("x")
    assert state(script, A)["match"] == (0, 1, 1)
    script.elect(B, A)
    assert state(script, A)["match"] == state(script, A)["next"] == ()
    script.elect(A, B)
    assert state(script, A)["match"] == (0, 0, 0)


# -- AppendEntries RPC ----------------------------------------------------------------------------------------


def test_append_entries_replicates_and_is_used_as_heartbeat():
    """Invoked by leader to replicate log entries; also used as heartbeat"""
    script = led("x")
    script.propose(A, "y")
    assert last_sent(script, AppendEntries, A, B).entries == (state(script, A)["log"][1],)
    script = led("x")
    script.fire(A, "heartbeat")
    assert last_sent(script, AppendEntries, A, B).entries == ()


def test_a_follower_can_redirect_clients_to_the_leader():
    """leaderId: so follower can redirect clients"""
    script = led()
    assert state(script, B)["leader"] == A
    script.propose(B, "x")
    assert any(e.sender == B and e.receiver == A and e.message.entry.command == "x" for e in script.run.last.in_flight
               if hasattr(e.message, "entry"))  # fmt: skip


def test_append_entries_names_the_entry_before_the_new_ones_and_the_leaders_commit_index():
    """prevLogIndex: index of log entry immediately preceding new ones; prevLogTerm; leaderCommit"""
    script = led("x")
    script.propose(A, "y")
    message = last_sent(script, AppendEntries, A, B)
    assert (message.term, message.prev_index, message.prev_term, message.commit) == (1, 1, 1, 1)


def test_entries_may_be_more_than_one():
    """entries[]: empty for heartbeat; may send more than one for efficiency"""
    script = led()
    script.propose(A, "x")
    script.propose(A, "y")
    script.fire(A, "heartbeat")
    script.replicate(A, B)
    assert commands(script, B) == ["x", "y"]


def test_append_entries_of_an_earlier_term_is_refused():
    """1. Reply false if term < currentTerm"""
    (reply,), after, _ = hears({"term": 2}, B, AppendEntries(1, 0, 0, ((1, NoOp()),), 0))
    assert reply == Appended(2, False, 0) and after["log"] == ()


def test_append_entries_is_refused_where_the_log_has_no_such_entry():
    """2. Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm"""
    message = AppendEntries(3, 2, 2, ((3, NoOp()),), 0)
    for log in ((), ((1, NoOp()),), ((1, NoOp()), (1, NoOp()))):
        (reply,), after, _ = hears({"term": 3, "log": log}, B, message)
        assert not reply.success and after["log"] == log
    (reply,), _, _ = hears({"term": 3, "log": ((1, NoOp()), (2, NoOp()))}, B, message)
    assert reply == Appended(3, True, 3)


def test_an_entry_in_conflict_is_deleted_with_all_that_follow_it():
    """3. If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and
    all that follow it
    """
    log = ((1, NoOp()), (2, NoOp()), (2, NoOp()), (2, NoOp()))
    _, after, _ = hears({"term": 3, "log": log}, B, AppendEntries(3, 1, 1, ((3, NoOp()),), 0))
    assert after["log"] == ((1, NoOp()), (3, NoOp()))


def test_entries_that_are_in_the_log_already_are_left_and_what_follows_them_too():
    """4. Append any new entries not already in the log"""
    log = ((1, NoOp()), (1, NoOp()), (1, NoOp()))
    (reply,), after, _ = hears({"term": 1, "log": log}, B, AppendEntries(1, 0, 0, log[:2], 0))
    assert after["log"] == log and reply == Appended(1, True, 2), "an older message that comes late"
    _, after, _ = hears({"term": 1, "log": log[:1]}, B, AppendEntries(1, 0, 0, log, 0))
    assert after["log"] == log


def test_a_follower_commits_what_the_leader_has_committed_up_to_the_last_new_entry():
    """5. If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)"""
    log = ((1, NoOp()), (1, NoOp()), (1, NoOp()))
    _, after, _ = hears({"term": 2, "log": log}, B, AppendEntries(2, 0, 0, log[:2], 3))
    assert after["commit"] == 2, "what follows the new entries may be in conflict with the leader's"
    _, after, _ = hears({"term": 2, "log": log}, B, AppendEntries(2, 0, 0, log, 1))
    assert after["commit"] == 1
    _, after, _ = hears({"term": 2, "log": log, "commit": 2, "applied": 2}, B, AppendEntries(2, 0, 0, log, 1))
    assert after["commit"] == 2


# -- RequestVote RPC ------------------------------------------------------------------------------------------


def test_candidates_ask_for_votes_with_the_index_and_term_of_their_last_entry():
    """Invoked by candidates to gather votes. lastLogIndex, lastLogTerm: of candidate's last log entry"""
    script = led("x", "y")
    script.fire(B, "election")
    assert last_sent(script, RequestVote, B, A) == RequestVote(2, 2, 1)


def test_a_vote_is_refused_in_an_earlier_term():
    """1. Reply false if term < currentTerm"""
    (reply,), after, _ = hears({"term": 2}, B, RequestVote(1, 9, 1))
    assert reply == Vote(2, False) and after["voted"] is None


def test_a_vote_is_granted_if_it_is_free_or_the_candidates_already():
    """2. If votedFor is null or candidateId, ... grant vote"""
    for voted, granted in ((None, True), (B, True), (C, False), (A, False)):
        (reply,), after, _ = hears({"term": 1, "voted": voted}, B, RequestVote(1, 0, 0))
        assert reply == Vote(1, granted) and after["voted"] == (B if granted else voted)


def test_a_vote_is_granted_only_to_a_log_at_least_as_up_to_date():
    """2. ... and candidate's log is at least as up-to-date as receiver's log, grant vote"""
    log = ((1, NoOp()), (2, NoOp()))
    for last_index, last_term, granted in ((2, 2, True), (3, 2, True), (1, 3, True), (1, 2, False), (9, 1, False)):
        (reply,), _, _ = hears({"term": 3, "log": log}, B, RequestVote(4, last_index, last_term))
        assert reply == Vote(4, granted)


# -- rules for servers: all servers ---------------------------------------------------------------------------


def test_what_is_committed_is_applied_in_order():
    """If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied] to state machine"""
    script = led(Put("k", 1), Put("k", 2))
    for node in (A, B, C):
        assert state(script, node)["applied"] == 2 and state(script, node)["state"][0] == {("k", 2)}


def test_a_later_term_in_a_request_or_a_response_is_taken_over_and_makes_a_follower():
    """If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower"""
    leading = {"term": 1, "role": "leader", "leader": A, "next": (1, 1, 1), "match": (0, 0, 0)}
    for message in (RequestVote(5, 0, 0), Vote(5, False), AppendEntries(5, 0, 0, (), 0), Appended(5, False, 1)):
        for fields in (leading, {"term": 1, "role": "candidate", "votes": frozenset({A})}):
            _, after, _ = hears(fields, B, message)
            assert (after["term"], after["role"]) == (5, "follower")


# -- followers ------------------------------------------------------------------------------------------------


def test_followers_respond_to_candidates_and_leaders():
    """Respond to RPCs from candidates and leaders"""
    for message, reply in ((RequestVote(1, 0, 0), Vote), (AppendEntries(1, 0, 0, (), 0), Appended)):
        replies, _, _ = hears({}, B, message)
        assert [type(each) for each in replies] == [reply]


def test_a_follower_whose_election_timeout_elapses_becomes_a_candidate():
    """If election timeout elapses without receiving AppendEntries RPC from current leader or granting vote to
    candidate: convert to candidate
    """
    script = start()
    script.fire(A, "election")
    assert state(script, A)["role"] == "candidate"


def test_hearing_from_the_leader_or_granting_a_vote_arms_the_election_timer_anew_and_refusing_does_not():
    """... without receiving AppendEntries RPC from current leader or granting vote to candidate"""
    armed = {}
    for case, fields, message in (
        ("leader", {"term": 1}, AppendEntries(1, 0, 0, (), 0)),
        ("granted", {"term": 1}, RequestVote(1, 0, 0)),
        ("refused", {"term": 1, "voted": C}, RequestVote(1, 0, 0)),
        ("former leader", {"term": 2}, AppendEntries(1, 0, 0, (), 0)),
    ):
        armed[case] = [name for name, after in hears(fields, B, message)[2].clock if after]
    assert armed == {"leader": ["election"], "granted": ["election"], "refused": [], "former leader": []}


# -- candidates -----------------------------------------------------------------------------------------------


def test_a_candidate_increments_its_term_votes_for_itself_resets_its_timer_and_asks_all_others():
    """On conversion to candidate, start election: increment currentTerm; vote for self; reset election timer; send
    RequestVote RPCs to all other servers
    """
    script = start(5)
    script.fire(C, "election")
    after = state(script, C)
    assert (after["term"], after["voted"], after["votes"]) == (1, C, {C})
    assert "election" in script.run.last.timers(C)
    assert {e.receiver for e in script.run.last.in_flight if e.message == RequestVote(1, 0, 0)} == {0, 1, 3, 4}


def test_votes_from_a_majority_make_a_leader():
    """If votes received from majority of servers: become leader"""
    script = start(5)
    script.elect(A, B)
    assert state(script, A)["role"] == "candidate"
    vote = Deliver(Envelope(B, A, Vote(1, True)))
    script.happen(vote)
    assert state(script, A)["role"] == "candidate", "a copy of a vote counts once"
    script.arrive(A, C, RequestVote)
    script.arrive(C, A, Vote)
    assert state(script, A)["role"] == "leader"


def test_votes_of_an_earlier_term_do_not_count():
    """If votes received from majority of servers (of the term): become leader"""
    _, after, _ = hears({"term": 2, "role": "candidate", "votes": frozenset({A})}, B, Vote(1, True))
    assert after["role"] == "candidate" and after["votes"] == {A}


def test_a_candidate_that_hears_from_the_new_leader_becomes_a_follower():
    """If AppendEntries RPC received from new leader: convert to follower"""
    _, after, _ = hears({"term": 1, "role": "candidate", "votes": frozenset({A})}, B, AppendEntries(1, 0, 0, (), 0))
    assert (after["role"], after["leader"], after["term"]) == ("follower", B, 1)


def test_a_candidate_whose_election_timeout_elapses_starts_a_new_election():
    """If election timeout elapses: start new election"""
    script = start()
    script.fire(A, "election")
    script.fire(A, "election")
    assert state(script, A)["term"] == 2 and sent(script, RequestVote, A, B)[-1].term == 2


# -- leaders --------------------------------------------------------------------------------------------------


def test_a_leader_sends_empty_append_entries_upon_election_and_repeats_them():
    """Upon election: send initial empty AppendEntries RPCs (heartbeat) to each server; repeat during idle periods to
    prevent election timeouts
    """
    script = start()
    script.elect(A, B)
    heartbeat = AppendEntries(1, 0, 0, (), 0)
    assert sent(script, AppendEntries, A, B) == sent(script, AppendEntries, A, C) == [heartbeat]
    assert script.run.last.timers(A) == ("heartbeat",)
    before = len(script.run.flights)
    script.fire(A, "heartbeat")
    assert [f.envelope.message for f in script.run.flights[before:]] == [heartbeat, heartbeat]
    assert script.run.last.timers(A) == ("heartbeat",) and Raft.heartbeat < min(Raft.timeouts) / 2


def test_a_leader_appends_a_clients_command_and_responds_after_it_is_applied():
    """If command received from client: append entry to local log, respond after entry applied to state machine"""
    script = Script([Raft, Raft, Raft, Client], "ABCX")
    script.elect(A, B)
    script.happen(Deliver(Envelope(A, B, AppendEntries(1, 0, 0, (), 0))))
    script.propose(3, (Put("k", 1), Get("k")))
    script.arrive(3, A, Request)
    assert commands(script, A) == [Put("k", 1)] and not sent(script, Answer)
    script.replicate(A, B)
    assert sent(script, Answer) == [Answer(1, 1)] and state(script, A)["applied"] == 1


def test_a_leader_sends_the_entries_from_next_index_on():
    """If last log index >= nextIndex for a follower: send AppendEntries RPC with log entries starting at nextIndex"""
    script = led("x")
    script.propose(A, "y")
    script.replicate(A, B)
    script.fire(A, "heartbeat")
    assert last_sent(script, AppendEntries, A, B).entries == ()
    assert last_sent(script, AppendEntries, A, C).entries == state(script, A)["log"][1:]


def test_success_updates_next_index_and_match_index():
    """If successful: update nextIndex and matchIndex for follower"""
    script = led("x")
    script.propose(A, "y")
    script.replicate(A, B)
    assert state(script, A)["next"] == (1, 3, 2) and state(script, A)["match"] == (0, 2, 1)


def test_a_success_that_comes_late_takes_nothing_back():
    """matchIndex[]: increases monotonically"""
    leading = {"term": 1, "role": "leader", "log": ((1, NoOp()),) * 3, "next": (1, 4, 1), "match": (0, 3, 0)}
    _, after, _ = hears(leading, B, Appended(1, True, 1))
    assert after["match"] == (0, 3, 0) and after["next"] == (1, 4, 1)


def test_a_refusal_takes_next_index_back_and_the_leader_tries_again():
    """If AppendEntries fails because of log inconsistency: decrement nextIndex and retry"""
    script = led("x", "y")
    script.crash(A)
    script.elect(B, C)
    leading = {"term": 2, "role": "leader", "log": state(script, B)["log"], "next": (3, 3, 3), "match": (0, 0, 0)}
    replies, after, _ = hears(leading, C, Appended(2, False, 2))
    assert after["next"] == (3, 3, 2) and replies[0].prev_index == 1 and replies[0].entries == leading["log"][1:]


def test_the_leader_commits_an_entry_of_its_own_term_on_a_majority():
    """If there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and log[N].term ==
    currentTerm: set commitIndex = N
    """
    leading = {"term": 3, "role": "leader", "next": (4, 4, 1), "match": (0, 0, 0)}
    for terms, index, commit in (((1, 2, 3), 3, 3), ((1, 2, 3), 2, 0), ((1, 2, 2), 3, 0), ((1, 3, 3), 2, 2)):
        log = tuple((term, NoOp()) for term in terms)
        _, after, _ = hears(leading | {"log": log}, B, Appended(3, True, index))
        assert after["commit"] == commit, (terms, index)
