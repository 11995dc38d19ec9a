"""Runs of every kind, whose scenes, data and transcripts are kept: `python -m tests.scene.unchanged.samples`."""

import json
from pathlib import Path

from consensus_lab import Crash, Partition, Propose, Restart, System, explore, simulate
from consensus_lab.protocols import (
    BenOr,
    Coordinator,
    MajorityVote,
    MembershipRaft,
    MultiPaxos,
    Raft,
    Register,
    ReplicatedLog,
    Synod,
    TieBreakVote,
)
from consensus_lab.scene.scene import scene

HERE = Path(__file__).parent
TWO = {0: "red", 1: "blue"}


def runs():
    """Runs by name."""
    yield "coordinator", simulate(System(Coordinator, 3, TWO), seed=1)
    yield "split-vote", explore(System(MajorityVote, 4, TWO)).stuck[0]
    yield "majority", simulate(System(MajorityVote, 4, TWO), seed=7)
    yield "tie-break", simulate(System(TieBreakVote, 3, TWO), seed=3)
    yield "ben-or", simulate(System(BenOr, 3, {0: "red", 1: "blue", 2: "red"}), seed=5, max_events=80)
    crash = [(1.2, Crash(0)), (4.0, Restart(0)), Partition(2.0, 6.0, [{0, 1}, {2}])]
    lossy = {"loss": 0.1, "duplication": 0.1, "faults": crash, "until": 20.0}
    yield "synod", simulate(System(Synod, 3, TWO, network="lossy"), seed=2, **lossy)
    yield "multi-paxos", simulate(System(MultiPaxos, 3, TWO, network="lossy"), seed=4, until=12.0, max_events=120)
    yield "replicated-log", simulate(System(ReplicatedLog, 3, TWO), seed=1, max_events=120)
    raft = {"faults": [(6.0, Crash(1)), (12.0, Restart(1)), (8.0, Propose(0, "late"))], "until": 24.0}
    yield "raft", simulate(System(Raft, 3, {0: "x", 1: "y"}, network="lossy"), seed=6, **raft)
    yield "membership", simulate(System(MembershipRaft, 4, {0: "x"}, network="lossy"), seed=6, until=14.0)
    yield "register", simulate(System(Register, 3, {0: "x"}, network="lossy"), seed=8, until=12.0, max_events=80)


def kept(run):
    """What is kept of a run, as text: its scene, its JSON, its transcript and its log for ShiViz."""
    parts = json.dumps(scene(run), indent=1), json.dumps(json.loads(run.to_json())), str(run), run.to_shiviz()
    return "\n----\n".join(parts) + "\n"


if __name__ == "__main__":
    for name, run in runs():
        (HERE / f"{name}.txt").write_text(kept(run), encoding="utf-8")
