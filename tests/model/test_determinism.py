"""The same seed and the same search give the same text in every process and in every Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = '''
import sys
from consensus_lab import (Crash, Message, Node, Partition, Propose, Restart, Run, System, constant, explore,
                           exponential, simulate)
from consensus_lab.protocols import CheckThenAct, LockThenAct, MajorityVote, Memory, TieBreakVote

class Heard(Message):
    words: frozenset

class Gossip(Node):
    """Keeps sets of strings, chooses from them, and sends them on."""
    words: frozenset[str] = frozenset({"alpha", "beta", "gamma"})
    pick: str | None = None

    def propose(self, value):
        self.words |= {value}
        self.pick = self.choose(self.words)
        self.broadcast(Heard(self.words))
        for word in sorted(self.words):
            self.send((self.id + 1) % len(self.nodes), Heard(frozenset({word, self.pick})))

    def receive(self, sender, message):
        self.words |= message.words
        if len(self.words) > 4:
            self.decide(max(self.words))
            self.set_timer("again")
            self.set_timer("and again", after=2)

    def timeout(self, name):
        self.pick = self.choose({name, *self.words})

three = {0: "red", 1: "blue", 2: "green"}
lossy = dict(network="lossy", crashes=1, restarts=1, timeouts=1)
for seed in range(3):
    for protocol in (Gossip, MajorityVote, TieBreakVote):
        print(simulate(System(protocol, 3, three), seed))
        faults = [(1.0, Crash(2)), (2.0, Restart(2)), Partition(0.5, 3.0, [{0}, {1, 2}]), (1.5, Propose(2, "green"))]
        run = simulate(System(protocol, 3, three, network="lossy"), seed, delay=exponential(1.0), loss=0.2,
                       duplication=0.3, faults=faults, max_events=60)
        print(run, run.to_json(), run.to_shiviz(), run.flights, run.alarms, sep="\\n")
        print(simulate(System(protocol, 3, three), seed, delay=constant(1.0)))
systems = [System(Gossip, 2, {0: "red"}), System(Gossip, 2, {1: "red"}, timeouts=1),
           System(MajorityVote, 2, {0: "red", 1: "blue"}, **lossy),
           System(TieBreakVote, 3, {0: "red", 1: "blue"}, timeouts=1, crashes=1),
           System([Memory, CheckThenAct, CheckThenAct], proposals={1: "a", 2: "b"})]
for system in systems:
    for reduce in (True, False):
        graph = explore(system, reduce=reduce, max_states=1500)
        print(graph, len(graph), *graph, sep="\\n")
        print(*(str(run) for run in graph.stuck[:20]), sep="\\n")
        print(*(f"{name} {run}" for name, run in graph.violations.items()), sep="\\n")
        print(*(repr(event) for run in graph.violations.values() for event in run.events), sep="\\n")
        if graph.complete:
            print([sorted(graph.valency(c)) for c in graph])
            for c in list(graph)[-5:]:
                print(graph.run_to(c))
                print([str(event) for event in system.events(c)])
'''


def output(python, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [str(python), "-"], input=SCRIPT, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def expected():
    text = output(sys.executable, 0)
    assert text.count("decides") > 50 and "blue" in text
    return text


def first_difference(text, expected):
    pairs = zip(text.splitlines(), expected.splitlines(), strict=False)
    return next(((mine, theirs) for mine, theirs in pairs if mine != theirs), None)


@pytest.mark.parametrize("hash_seed", [1, 4242])
def test_string_hashes_do_not_show(hash_seed, expected):
    text = output(sys.executable, hash_seed)
    assert first_difference(text, expected) is None
    assert text == expected


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_version_of_python_does_not_show(version, expected):
    found = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"there is no Python {version} in ~/.pyenv/versions")
    text = output(found[-1], 7)
    assert first_difference(text, expected) is None
    assert text == expected
