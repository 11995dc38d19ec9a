"""Raft's snapshots, its transfer of leadership, and changes of its members one at a time."""

import pytest

from consensus_lab import Agreement, Crash, Partition, Propose, Restart, System, Validity, explore, simulate
from consensus_lab.protocols.machines import Add, Counter, Put
from consensus_lab.protocols.raft.membership import AddServer, Members, MembershipRaft, RemoveServer
from consensus_lab.protocols.raft.messages import Appended, AppendEntries
from consensus_lab.protocols.raft.properties import FIGURE_3, witnessed
from consensus_lab.protocols.raft.raft import Raft, within
from consensus_lab.protocols.raft.script import Script
from consensus_lab.protocols.raft.snapshots import InstallSnapshot, SnapshotRaft
from consensus_lab.protocols.raft.transfer import HandOver, TimeoutNow, TransferRaft
from consensus_lab.protocols.replication.clients import Client

A, B, C, D = range(4)
SAFETY = (Agreement(), Validity(), *FIGURE_3)
FAULTS = [
    (12.0, Crash(0)), (40.0, Restart(0)), (45.0, Crash(1)), (70.0, Restart(1)),
    Partition(80.0, 110.0, [{0, 3}, {1, 2}]),
]  # fmt: skip


class SnapshotAlways(SnapshotRaft):
    longest = 0


class CountingRaft(Raft):
    machine = Counter()


class CountingSnapshots(SnapshotAlways):
    machine = Counter()


# -- snapshots (section 7) ------------------------------------------------------------------------------------


def led(protocol, *commands):
    """A leads, B and C have the commands, and C has not got the last one."""
    script = Script(protocol, "ABC")
    script.elect(A, B)
    for command in commands[:-1]:
        script.propose(A, command)
        script.replicate(A, B, C)
    script.propose(A, commands[-1])
    script.replicate(A, B)
    return script


def test_a_snapshot_replaces_what_has_been_applied():
    script = led(SnapshotAlways, Put("k", 1), Put("k", 2))
    after = script.run.last.state(A)
    assert (after["log"], after["base"], after["base_term"], after["commit"]) == ((), 2, 1, 2)
    assert after["snapshot"] == after["state"] and after["state"][0] == {("k", 2)}


def test_a_server_that_restarts_goes_on_from_its_snapshot():
    script = led(SnapshotAlways, Put("k", 1), Put("k", 2))
    before = script.run.last.state(A)["state"]
    script.crash(A)
    script.restart(A)
    after = script.run.last.state(A)
    assert after["state"] == before and after["commit"] == after["applied"] == 2


def test_a_leader_sends_its_snapshot_to_a_follower_that_lags_behind():
    script = led(SnapshotAlways, Put("k", 1), Put("k", 2))
    script.fire(A, "heartbeat")
    script.arrive(A, C, InstallSnapshot)
    after = script.run.last.state(C)
    assert (after["base"], after["commit"], after["state"]) == (2, 2, script.run.last.state(A)["state"])
    script.arrive(C, A, Appended)
    assert script.run.last.state(A)["next"][C] == 3


def test_a_snapshot_that_comes_late_changes_nothing_but_the_timer():
    script = led(SnapshotAlways, Put("k", 1), Put("k", 2))
    script.fire(A, "heartbeat")
    script.arrive(A, C, InstallSnapshot)
    script.arrive(C, A, Appended)
    script.propose(A, Put("k", 3))
    script.replicate(A, C)
    script.beat(A, C)
    before = script.run.last.state(C)
    snapshots = [e.message for e in script.run.last.in_flight if isinstance(e.message, InstallSnapshot)]
    late = next(message for message in snapshots if message.last_index == 2)
    system = script.run.system
    ((_, reaction),) = system.reactions(C, script.run.last.nodes[C], ("receive", A, late))
    assert before["commit"] == 3 and reaction.local.fields == script.run.last.nodes[C].fields


def test_entries_that_the_snapshot_replaces_are_taken_for_the_same():
    script = led(SnapshotAlways, Put("k", 1), Put("k", 2))
    system, local = script.run.system, script.run.last.nodes[B]
    entries = tuple(script.run.configurations[-3].state(A)["log"])
    late = AppendEntries(1, 0, 0, ((1, "whatever"), *entries), 0)
    ((_, reaction),) = system.reactions(B, local, ("receive", A, late))
    assert [message.success for _, message in reaction.sent] == [True]


def test_with_snapshots_the_properties_hold_in_every_schedule():
    protocol = within(witnessed(SnapshotAlways), frozenset({A}), frozenset({B}))
    system = System(protocol, 3, {0: "x"}, network="lossy", timeouts=2)
    graph = explore(system, reduce=False, properties=SAFETY)
    assert graph.complete and not graph.violations and len(graph) == 84_144


@pytest.mark.parametrize("protocol", [CountingRaft, CountingSnapshots])
@pytest.mark.parametrize("seed", range(5))
def test_commands_that_clients_send_again_count_once(protocol, seed):
    adds = {4: (Add(1),) * 5, 5: (Add(10),) * 5}
    system = System([witnessed(protocol)] * 4 + [Client] * 2, proposals=adds, network="lossy")
    run = simulate(system, seed, loss=0.15, duplication=0.15, faults=FAULTS, until=400)
    assert not run.check(FIGURE_3)
    assert [len(run.last.state(i)["answers"]) for i in (4, 5)] == [5, 5]
    assert {run.last.state(i)["state"][0] for i in range(4)} == {55}


# -- transfer of leadership (thesis, section 3.10) ------------------------------------------------------------


def test_a_leader_hands_over_to_a_server_that_it_has_brought_up_to_date():
    script = led(TransferRaft, "x", "y")
    script.propose(A, HandOver(C))
    script.replicate(A, C)
    script.arrive(A, C, TimeoutNow)
    script.propose(A, "z")
    assert script.run.last.state(C)["role"] == "candidate" and len(script.run.last.state(A)["log"]) == 2
    run = simulate(script.run.system, 1, after=script.run, until=script.run.times[-1] + 30)
    assert run.last.state(C)["role"] == "leader" and run.last.state(C)["term"] == 2
    assert [entry.command for _, entry in run.last.state(B)["log"] if hasattr(entry, "command")] == ["x", "y", "z"]


def test_a_leader_goes_on_when_its_heir_does_not_take_over():
    script = led(TransferRaft, "x", "y")
    script.crash(C)
    script.propose(A, HandOver(C))
    script.propose(A, "z")
    assert len(script.run.last.state(A)["log"]) == 2
    script.fire(A, "transfer")
    assert len(script.run.last.state(A)["log"]) == 3 and script.run.last.state(A)["heir"] is None


# -- members, one at a time (thesis, section 4.1) -------------------------------------------------------------


def test_a_server_is_added_and_another_removed_while_the_log_goes_on():
    proposals = {0: "x", 1: "y", 2: "z"}
    faults = [(30.0, Propose(0, AddServer(D))), (60.0, Propose(0, RemoveServer(B))), (90.0, Crash(C))]
    system = System(witnessed(MembershipRaft), 4, proposals)
    run = simulate(system, 1, faults=[*((0.0, Propose(*item)) for item in proposals.items()), *faults], until=200)
    assert not run.check(FIGURE_3)
    for node in (A, D):
        entries = [entry for _, entry in run.last.state(node)["log"]]
        assert [set(e.servers) for e in entries if isinstance(e, Members)] == [{A, B, C, D}, {A, C, D}]
        assert run.last.state(node)["commit"] == len(entries), "A and D are two of three"


def test_a_leader_that_is_removed_leads_until_that_is_committed():
    script = Script(MembershipRaft, "ABC")
    script.elect(A, B)
    script.replicate(A, B, C)
    script.propose(A, RemoveServer(A))
    assert script.run.last.state(A)["role"] == "leader"
    script.replicate(A, B)
    assert script.run.last.state(A)["role"] == "leader", "A does not count itself"
    script.replicate(A, C)
    assert script.run.last.state(A)["role"] == "follower"
    script.elect(B, C)
    assert script.run.last.state(B)["role"] == "leader"


def test_a_change_begins_only_when_the_last_one_and_an_entry_of_the_leaders_term_are_committed():
    script = Script(MembershipRaft, "ABCDE")
    script.elect(A, B)
    script.propose(A, AddServer(D))
    assert len(script.run.last.state(A)["log"]) == 1, "its no-op is not committed"
    script.replicate(A, B)
    script.propose(A, AddServer(D))
    script.propose(A, AddServer(4))
    assert [entry for _, entry in script.run.last.state(A)["log"][1:]] == [Members(frozenset({A, B, C, D}))]


def test_who_is_no_member_does_not_stand_for_election():
    run = simulate(System(MembershipRaft, 4), 1, faults=[(0.0, Crash(A)), (0.0, Crash(B)), (0.0, Crash(C))], until=50)
    assert run.last.state(D)["term"] == 0
