"""Every question gets an answer, whatever a reader's code does, and the next one as if it had never been."""

import builtins
import json
import random
import sys

import pytest

from consensus_lab import Node, Run, System, simulate
from consensus_lab.answers.answer import answer, answer_text
from consensus_lab.answers.reader import MOST_BRANCHES, MOST_PARTS, Flaw, define
from consensus_lab.answers.reply import one_line
from consensus_lab.answers.restored import Restored
from consensus_lab.exercises import CATALOG
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_text import DEEPEST, depth_exceeds, parse
from consensus_lab.protocols import MajorityVote
from tests.scene.test_scene import check_scene

STARTER, ACT = CATALOG["off_by_one"].starter, "self.decide(value)"
RUN = simulate(System(MajorityVote, 3, {0: "red", 1: "blue"}), seed=1)
USUAL = {"do": "extend", "run": json.loads(RUN.to_json()), "at": 3, "event": {"kind": "continue"}}
AFTER = answer({"do": "continue", "run": USUAL["run"], "at": 3, "seed": 2})
CHECKED = answer({"do": "check", "exercise": "off_by_one", "code": STARTER})


def handler(does, before="", after=""):
    return before + STARTER.replace(ACT, does) + after


CYCLE = """
    def cycle(self):
        one, two = ValueError("one"), ValueError("two")
        one.__cause__, two.__cause__ = two, one
        raise one
"""
NEST = "\ndef nest(depth):\n    value = ()\n    for _ in range(depth):\n        value = (value,)\n    return value\n"
ODD = "class Odd{base}:\n    def __{name}__(self{more}):\n        {does}\n"


def odd(name, does, base="", more=""):
    return ODD.format(name=name, does=does, base=base, more=more)


HOSTILE = {  # code, and what its answer has to say: of what kind it is, or why
    "sys.exit in a handler": (handler("__import__('sys').exit()"), "SystemExit"),
    "sys.exit at the top": ("import sys\nsys.exit('bye')", "SystemExit: bye"),
    "os exits by an exception": (handler("exit()"), "SystemExit"),
    "no len": ("import builtins\nbuiltins.len = None\n" + STARTER, "flaw"),
    "no len in a handler": (handler("setattr(__import__('builtins'), 'len', None)"), "flaw"),
    "no builtins at all": (handler("vars(__import__('builtins')).clear()"), "flaw"),
    "no builtins from the start": ("import builtins\nvars(builtins).clear()\n", "flaw"),
    "another isinstance": ("import builtins\nbuiltins.isinstance = lambda *_: 1 / 0\n" + STARTER, "flaw"),
    "another Node": (STARTER + "\nNode.decide = None\nNode.send = None\n", "broken"),
    "another json": ("import consensus_lab.scene.scene as s\ns.scene = s.Look = None\n" + STARTER, "broken"),
    "no recursion": ("import sys\nsys.setrecursionlimit(30)\n" + STARTER, ""),
    "a trace": ("import sys\nsys.settrace(lambda *_: 1 / 0)\n" + STARTER, ""),
    "20,000 terms": ("x = " + " + ".join(["1"] * 20_000) + "\n" + STARTER, f"over {MOST_PARTS} parts"),
    "20,000 calls": ("x = f" + "()" * 20_000, "flaw"),
    "20,000 brackets": ("x = " + "(" * 20_000, "flaw"),
    "20,000 minus signs": ("x = " + "-" * 20_000 + "1", f"over {MOST_PARTS} parts"),
    "10,000 attributes": ("x = x" + ".x" * 10_000, f"over {MOST_PARTS} parts"),
    "5,000 lambdas": ("x = " + "lambda a, b: " * 5_000 + "1", f"over {MOST_BRANCHES} branches"),
    "3,000 branches": ("if 0:\n    pass\n" + "elif 0:\n    pass\n" * 3_000, f"over {MOST_BRANCHES} branches"),
    "terms in an f-string": ("x = f'{" + "+".join(["1"] * 9_000) + "}'", "over"),
    "terms among commas": ("x = " + "(1, 2) + " * 9_000 + "()", "over"),
    "a repr without end": (handler("raise ValueError(Odd())", odd("repr", "return repr(self)")), "RecursionError"),
    "a str that raises": (odd("str", "raise KeyError", "(Exception)") + "raise Odd\n", "cannot be had"),
    "a str that exits": (odd("str", "raise SystemExit", "(Exception)") + "raise Odd\n", "raise SystemExit"),
    "a str that raises in a handler": (handler("raise Odd", odd("str", "raise KeyError", "(Exception)")), "flaw"),
    "a value whose repr raises": (handler("self.decide(Odd())", odd("repr", "raise KeyError")), "KeyError"),
    "a value that is equal to nothing": (handler("self.decide(Odd())", odd("eq", "1 / 0", more=", x")), "flaw"),
    "no class": (odd("class", "1 / 0").replace("    def", "    @property\n    def") + "odd = Odd()\n", ""),
    "a tuple 3,000 deep": (handler("self.decide(nest(3_000))", after=NEST), "flaw"),
    "a tuple 100,000 deep": (handler("self.decide(nest(100_000))", after=NEST), "flaw"),
    "any BaseException": (handler("raise BaseException('odd')"), "BaseException: odd"),
    "any BaseException at the top": ("raise BaseException", "BaseException"),
    "GeneratorExit": (handler("raise GeneratorExit"), "GeneratorExit"),
    "a group": (handler("raise BaseExceptionGroup('two', [SystemExit(), KeyError()])"), "BaseExceptionGroup"),
    "half of a character": ("x = 1\ny = '\ud800'\n" + STARTER, "half of a character"),
    "half of a character decided": (handler("self.decide('\\ud800')"), "broken"),
    "a cycle of causes": (handler("self.cycle()", after=CYCLE), "ValueError: one"),
    "infinity decided": (handler("self.decide(float('inf'))"), "broken"),
    "no name": ("del __name__\n" + STARTER, ""),
    "no name of its own": ("__name__ = 'json'\n" + STARTER, ""),
    "a handler that calls itself": (handler("self.receive(sender, message)"), "RecursionError"),
    "lines of another kind": ("x = '''\x0c\u2028\x1e'''\n" + handler("1 / 0"), "ZeroDivisionError"),
    "a page of nothing": ("\n" * 99_000, "no protocol"),
    "a null byte": ("\0" + STARTER, "null bytes"),
}  # fmt: skip


def as_usual():
    """The next question is answered as if nothing had happened."""
    assert len([1]) == 1 and sys.getrecursionlimit() >= 500 and sys.gettrace() is not define
    assert answer({"do": "continue", "run": USUAL["run"], "at": 3, "seed": 2}) == AFTER
    assert answer({"do": "check", "exercise": "off_by_one", "code": STARTER}) == CHECKED


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_code_does_there_is_an_answer_and_the_next(name):
    code, says = HOSTILE[name]
    asked = json.dumps({"do": "check", "exercise": "off_by_one", "code": code})
    before = builtins.__dict__.copy()
    reply = json.loads(answer_text(asked))
    assert builtins.__dict__ == before
    found = reply.get("check") or {"kind": "error", "why": reply["error"]}
    assert "\n" not in found["why"] and not set(found["why"]) & set(map(chr, range(0xD800, 0xE000)))
    assert says in found["why"] or says == found["kind"]
    for entry in found.get("stage", {"entries": []})["entries"]:
        check_scene(entry["seeds"][0][0])
    as_usual()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = '''\x0c\u2028\x1e'''\n" + handler("1 / 0"), "1 / 0"),
        ("x = 1\ny = '\ud800'\n", "y ="),
        ("x = 1\nif x:\n    y = " + "-" * 2000 + "1", "y ="),
    ],
)
def test_the_line_is_that_of_the_editor(code, line):
    found = answer({"do": "check", "exercise": "off_by_one", "code": code})["check"]
    assert line in code.split("\n")[found["line"] - 1]


def test_requests_about_typed_code_are_answered_too():
    code = handler("__import__('sys').exit()")
    names = define(STARTER)
    run = json.loads(Run(System(names["TidyVote"], 3, {0: "red"})).to_json())
    for request in ({"do": "continue", "run": run, "at": 0, "seed": 1}, {"do": "seed", "run": run, "seed": 1}):
        assert answer({"do": "with", "code": code, "request": request})["error"].startswith("SystemExit")
    inner = {"do": "with", "code": STARTER, "request": {"do": "with", "code": STARTER, "request": {}}}
    assert "not one about another" in answer(inner)["error"]
    assert "too" in answer({"do": "with", "code": "x = " + "-" * 9_000, "request": {}})["error"]
    as_usual()


class Exits(Node):
    def propose(self, value):
        raise SystemExit

    def receive(self, sender, message):
        pass


def test_a_chapters_own_protocol_may_raise_anything():
    run = json.loads(Run(System(Exits, 2, {0: "red"})).to_json())
    event = {"kind": "propose", "node": 0, "value": "red"}
    assert answer({"do": "extend", "run": run, "at": 0, "event": event}, Exits) == {"error": "SystemExit"}
    assert "error" in json.loads(answer_text("{}", source="raise SystemExit"))
    assert "error" in json.loads(answer_text("{}", source="def ("))


# -- JSON ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("closed", [True, False])
def test_deep_json_is_measured_before_it_is_read(opening, closed, monkeypatch):
    closing = "".join({"[": "]", "{": "}"}.get(c, "") for c in opening)[::-1]
    text = opening * 4_000 + ("1" + closing * 4_000 if closed else "")
    monkeypatch.setattr(json, "loads", None)  # it is not asked
    with pytest.raises(ProtocolError, match=f"over {DEEPEST} lists and objects"):
        parse(text)
    with pytest.raises(ProtocolError, match="this is no run: this is no JSON"):
        Run.from_json(text)
    monkeypatch.undo()
    assert "lists and objects" in json.loads(answer_text(text))["error"]


@pytest.mark.parametrize("depth", [0, 1, 199, 200, 201, 400])
@pytest.mark.parametrize("pair", ["[]", "{}", "[{}]"])
def test_the_depth_is_exact(depth, pair):
    half = len(pair) // 2
    text = pair[:half] * (depth // half) + pair[half:] * (depth // half)
    assert depth_exceeds(text, DEEPEST) == (depth // half * half > DEEPEST)
    assert not depth_exceeds(json.dumps(["[" * depth, '"[\\"[' * depth]), DEEPEST), "brackets in texts are none"


@pytest.mark.parametrize(
    "text", ["", "[", "nothing", '{"do": "moves"', "[1,]", '"\ud800', "9" * 5_000, "NaN", "[]" * 300]
)
def test_what_is_no_json_has_an_answer(text):
    assert set(json.loads(answer_text(text))) == {"error"}


def test_any_request_has_an_answer():
    """Requests of all kinds with parts exchanged for others, of a seed: each is answered, in one line or a scene."""
    rng = random.Random(17)
    run = USUAL["run"]
    odd = [None, True, -1, 10**30, 1.5, float("inf"), float("nan"), "", "red", "\ud800", [], {}, [[]], {"kind": []}]
    scraps = [*odd, run, run["events"], run["system"], {"kind": "deliver", "msg": 0}, {"do": "moves"}, STARTER]
    kinds = "extend continue seed raft moves sweep check draft duel with open state hint adversary cluster x".split()
    keys = "run at event seed code exercise system name request clock apart servers events point counts seeds".split()
    answered = 0
    for _ in range(300):
        request = {"do": rng.choice(kinds), "run": run, "at": rng.randrange(4), "seed": 1}
        for key in rng.sample(keys, rng.randrange(4)):
            request[key] = rng.choice(scraps)
        if rng.random() < 0.3:
            part = rng.choice(["system", "events", "seed", "format", "by_reader"])
            request["run"] = run | {part: rng.choice(scraps)}
        reply = answer(request)
        assert isinstance(reply, dict) and reply
        assert "error" not in reply or "\n" not in reply["error"]
        answered += "error" not in reply
    assert answered > 20
    as_usual()


# -- putting back -------------------------------------------------------------------------------------------


def test_what_was_changed_is_put_back():
    decide, limit = Node.decide, sys.getrecursionlimit()
    with pytest.raises(ZeroDivisionError), Restored():
        vars(builtins).clear()
        Node.decide = None
        sys.modules["consensus_lab.model.node"] = None
        sys.setrecursionlimit(limit + 5)
        builtins.__dict__["fresh"] = 1
        1 / 0  # noqa: B018
    assert Node.decide is decide and sys.getrecursionlimit() == limit and not hasattr(builtins, "fresh")
    assert sys.modules["consensus_lab.model.node"].Node is Node


def test_errors_are_one_line():
    class Half(Exception):
        def __str__(self):
            return "half \ud800\n  of it"

    assert one_line(Half()) == "Half: half ? of it"
    assert one_line(ProtocolError("as\nit is")) == "as it is" and one_line(KeyError()) == "KeyError"


def test_long_code_that_a_person_would_write_is_let_in():
    table = "TABLE = {\n" + "".join(f"    ({i}, 'x'): [{i}, -{i}],\n" for i in range(300)) + "}\n"
    chain = "total = " + " + ".join(f"x{i}" for i in range(100)) + "\n"
    for code in CATALOG["synod_exam"].starter, table, "\n".join(f"x{i} = {i}" for i in range(100)) + "\n" + chain:
        define(code)
    with pytest.raises(Flaw, match="This is not Python"):
        define("x = (1,\n")
