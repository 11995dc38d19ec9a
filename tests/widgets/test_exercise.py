"""Exercises: what the checker finds, what it says of code that cannot run, and what the widgets hand to the page."""

import json
import re

import pytest

from consensus_lab import ProtocolError, System, explore
from consensus_lab.answers.answer import answer
from consensus_lab.answers.reader import define, protocol
from consensus_lab.exercises import CATALOG, off_by_one, tie_break
from consensus_lab.exercises.own import BUDGETS, TEMPLATES, about, case_of, examine, template
from consensus_lab.protocols import MajorityVote
from consensus_lab.widgets import Exercise, YourProtocol
from consensus_lab.widgets.base import module_reply
from tests.scene.test_scene import check_scene

TIDY = off_by_one.starter


def changed(name, *replacements):
    code = CATALOG[name].starter
    for old, new in replacements:
        assert old in code
        code = code.replace(old, new)
    return code


def ask(code, exercise="off_by_one", **more):
    return answer({"do": "check", "exercise": exercise, "code": code, **more})["check"]


# -- the checker --------------------------------------------------------------------------------------------


def test_a_refutation_is_the_shortest_run_and_it_can_be_played_and_changed():
    found = ask(TIDY)
    assert (found["kind"], found["headline"]) == ("broken", "Agreement is broken")
    assert found["why"] == "A decided red, B decided blue. A shortest run that shows it has 6 events."
    assert [sign for sign, _ in found["lines"]] == ["holds", "broken"]
    scene = found["stage"]["entries"][0]["seeds"][0][0]
    check_scene(scene)
    assert len(scene["steps"]) == 6 and [p["name"] for p in scene["properties"]] == ["Agreement", "Validity"]
    request = {"do": "continue", "run": scene["run"], "at": 4, "seed": 3}
    reply = answer({"do": "with", "code": TIDY, "request": request})
    assert reply["scene"]["steps"][:4] == scene["steps"][:4] and len(reply["scene"]["steps"]) > 6


def test_a_pass_states_its_bounds_and_what_was_counted():
    found = ask(changed("off_by_one", (">=", ">")))
    assert (found["kind"], found["headline"]) == ("passed", "Passed")
    system = System(MajorityVote, 3, {0: "red", 1: "blue"})
    assert found["lines"][0] == [
        "holds",
        f"3 nodes, reliable network, A proposes red, B proposes blue, no faults: {len(explore(system))} configurations",
    ]
    assert found["lines"][2][1].startswith("3 nodes, lossy network") and "at most one crash" in found["lines"][2][1]


VOTE = "def propose(self, value):\n        self.broadcast(VoteFor(value))"
FIRST = "VoteFor(value) if self.vote is None"
EVEN = 'return votes.count("red") == votes.count("blue")'


@pytest.mark.parametrize(
    ("name", "replacements", "headline"),
    [
        ("keep_promise", [("self.value is None", "self.decided is None")], "Passed"),
        ("keep_promise", [("value: str | None = None\n", "value: str | None = None\n    durable = ()\n")], "Agreement"),
        ("keep_promise", [("self.broadcast(Final(value))", "pass")], "Termination"),
        ("keep_promise", [("self.decide(value)", 'self.decide("shipped")')], "Validity"),
        ("keep_promise", [("Initialize(value) if self.value is None", 'Initialize("shipped" as value)')], "It keeps"),
        ("off_by_one", [("2 * votes >= len(self.nodes)", "votes >= len(self.nodes)")], "Termination"),
        ("off_by_one", [("2 * votes >= len(self.nodes)", "votes >= 2")], "Agreement"),
        ("off_by_one", [(">=", ">"), ("self.decide(value)", "self.decide(self.vote)")], "Line 32"),
        ("off_by_one", [(">=", ">"), (VOTE, VOTE.replace("value))", '"red"))'))], "Validity"),
        ("off_by_one", [(">=", ">"), (FIRST, 'VoteFor("red" as value)')], "It keeps its promises by doing"),
        ("give_in", [(EVEN, "return False")], "Termination"),
        ("give_in", [(EVEN, "return len(votes) >= self.majority")], "Agreement"),
        ("give_in", [(EVEN, "return len(votes) == len(self.nodes)")], "Passed"),
        ("something_to_show", [('self.value or "pending"', "self.value")], "Line"),
        ("something_to_show", [("self.send(bully(self.nodes), Ask())", "pass")], "It keeps its promises by doing"),
        ("compare_and_set", [("pass  # yours", "self.decide(1)")], "Validity"),
    ],
)
def test_each_variant_gets_its_verdict(name, replacements, headline):
    assert ask(changed(name, *replacements), name)["headline"].startswith(headline)


@pytest.mark.parametrize(
    ("rule", "headline"),
    [
        ("votes[min(votes)]", "Agreement is broken"),
        ('votes.get(self.id, "red")', "Agreement is broken"),
        ('"red"', "Agreement is broken"),
        ('"green"', "Validity is broken"),
        ("self.choose(sorted(set(votes.values())))", "Agreement is broken"),
    ],
)
def test_no_tie_break_survives(rule, headline):
    found = ask(changed("tie_break", ("votes[min(votes)]", rule)), "tie_break")
    assert found["headline"] == headline


def test_waiting_instead_of_breaking_the_tie_is_no_way_out():
    found = ask(tie_break.starter + "\n    def timeout(self, name):\n        pass\n", "tie_break")
    assert found["headline"] == "Termination is broken"


def test_a_protocol_that_grows_without_end_is_told_so():
    code = template("empty").replace("self.heard |= {value}", "self.broadcast(Hello(value + '!'))")
    code = code.replace("self.broadcast(Hello(value + '!'))", "self.send((self.id + 1) % 3, Hello(value + '!'))")
    found = ask(code, "own")
    assert found["kind"] == "bound" and "and there are more" in found["why"]
    assert [sign for sign, _ in found["lines"][:3]] == ["open"] * 3
    assert "runs forever" in found["lines"][3][1]


# -- code that cannot run -----------------------------------------------------------------------------------

FIELD = "vote: str | None = None"
ACT = "self.decide(value)"


@pytest.mark.parametrize(
    ("code", "line", "why"),
    [
        ("class X(:\n    pass", 1, "This is not Python: invalid syntax."),
        ("x = 1\nimport nothing_here\n", 2, "No module named 'nothing_here'"),
        ("x = 1\n", None, "There is no protocol in this code."),
        ("exit()", 1, "SystemExit"),
        ("\0", None, "null bytes"),
        ("x" * 200_000, None, "at most 100,000 characters"),
        (7, None, "a text"),
        (changed("off_by_one", (FIELD, "vote: str")), FIELD, "has no default"),
        (changed("off_by_one", (FIELD, "vote: list = []")), "vote: list", "use a tuple"),
        (changed("off_by_one", ("def receive", "def recieve")), None, "has no receive"),
        (changed("off_by_one", ("self.vote = value", "self.vot = value")), "self.vot =", "no field of the class"),
        (changed("off_by_one", ("self.vote = value", "self.vote = [value]")), "self.vote = [", "use a tuple"),
        (changed("off_by_one", (ACT, "self.decid(value)")), "self.decid(", "has no attribute 'decid'"),
        (changed("off_by_one", (ACT, "self.send(99, Voted(value))")), "self.send(99", "there is no node 99"),
        (changed("off_by_one", (ACT, "self.decide([])")), "self.decide([])", "cannot be hashed"),
    ],
)
def test_a_flaw_names_its_line(code, line, why):
    found = ask(code)
    assert found["kind"] == "flaw" and why in found["why"] and "stage" not in found
    if isinstance(line, str):
        text = code.splitlines()[found["line"] - 1]
        assert line.split(":")[0] in text and not text.startswith("class")
    else:
        assert found["line"] == line


def test_interrupting_a_kernel_ends_a_check():
    code = changed("off_by_one", (ACT, "raise KeyboardInterrupt"))
    found = ask(code)  # the search ends with what it knows
    assert found["kind"] == "bound" and "1 configuration, and there are more" in found["lines"][0][1]
    assert answer({"do": "check", "exercise": "off_by_one", "code": "raise KeyboardInterrupt"}) == {
        "error": "the check was interrupted"
    }


def test_what_an_earlier_text_defined_is_not_taken_for_this_ones():
    other = changed("off_by_one", ("I voted {value}", "I like {value}"))
    first, second = ask(TIDY), ask(other)
    said = [json.dumps(found["stage"]) for found in (first, second)]
    assert said[0] != said[1]
    run = first["stage"]["entries"][0]["seeds"][0][0]["run"]
    again = answer({"do": "with", "code": TIDY, "request": {"do": "continue", "run": run, "at": 5, "seed": 1}})
    assert again["scene"]["steps"][3]["say"] == first["stage"]["entries"][0]["seeds"][0][0]["steps"][3]["say"]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"do": "check", "exercise": "nothing", "code": ""}, "no exercise 'nothing'"),
        ({"do": "check", "exercise": [], "code": ""}, "no exercise []"),
        ({"do": "check", "code": ""}, "no exercise None"),
        ({"do": "check", "exercise": "own", "code": TIDY, "system": {"n": 99}}, "n=99; choose one of 1, 2"),
        ({"do": "check", "exercise": "own", "code": TIDY, "system": {"crashes": True}}, "crashes=True"),
        ({"do": "check", "exercise": "own", "code": TIDY, "system": {"nodes": 3}}, "and no others"),
        ({"do": "check", "exercise": "own", "code": TIDY, "system": {"network": []}}, "network=[]"),
        ({"do": "with", "code": "1 +", "request": {}}, "This is not Python"),
        ({"do": "with", "code": TIDY, "request": None}, "a request is an object"),
    ],
)
def test_a_request_that_makes_no_sense_is_one_clear_line(message, why):
    assert why in answer(message)["error"]


# -- your own protocol --------------------------------------------------------------------------------------

VERDICTS = {  # what is broken as it stands; and what one crash or one timeout breaks in those that hold
    "empty": "Termination", "first_heard": "Agreement", "constant": "Validity", "unanimous": "Termination",
    "gossip_min": "Agreement", "ring": "Agreement", "coordinator": None, "two_phase_commit": None, "majority": None,
    "tie_break": None, "echo": None,
}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_is_what_its_line_promises(name):
    cls = protocol(define(template(name)))
    found = examine(cls, case_of({}))
    assert list(found.runs) == ([f"{VERDICTS[name]} is broken"] if VERDICTS[name] else ["One run of many"])
    if VERDICTS[name] is None:
        fault = {"timeouts": 1} if name == "tie_break" else {"crashes": 1}
        broken = "Agreement" if name == "tie_break" else "Termination"
        assert list(examine(cls, case_of(fault)).runs) == [f"{broken} is broken"]
    assert about(name).count("\n") == 0 and len(about(name)) < 106


def test_every_property_is_told_with_its_run():
    found = ask(template("gossip_min"), "own", system={"crashes": 1})
    assert found["headline"] == "Termination and Agreement are broken"
    assert [sign for sign, _ in found["lines"]] == ["broken", "holds", "broken", "broken"]
    assert found["lines"][3][1].startswith("Verdict, whoever proposes what: disagrees. B decided red, then blue.")
    assert len(found["stage"]["entries"]) == 2
    assert "It can decide red or blue." in found["why"]


# -- the widgets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("widget", [Exercise("off_by_one"), YourProtocol()], ids=repr)
def test_the_form_for_a_page_has_the_task_the_code_and_what_it_needs(widget):
    data, _ = widget._repr_mimebundle_()
    assert 'data-widget="exercise" data-needs="stage"' in data["text/html"]
    assert widget.payload["starter"].splitlines()[-1].strip() in data["text/html"]
    assert widget.payload["title"] in data["image/svg+xml"] and data["text/plain"] == repr(widget)
    assert len({budget["name"] for budget in BUDGETS}) == 6


def test_a_widget_says_which_exercises_there_are():
    with pytest.raises(ValueError, match="no exercise 'off'; there are keep_promise"):
        Exercise("off")


def test_a_kernel_gives_the_modules_of_the_package_and_no_other_file():
    assert re.search(r"export\{\w+ as mount\}", module_reply("stage")["module"])
    for name in ("../answer", "stage.js", "answer", None, ["stage"], "editor"):
        assert set(module_reply(name)) == {"error"}


def test_a_kernel_styles_what_a_widget_needs():
    assert ".cl-ring" in Exercise("off_by_one")._css and ".cl-task" in Exercise("off_by_one")._css


def test_the_outcome_reads_as_text():
    outcome = off_by_one.check(MajorityVote)
    assert outcome.passed and str(outcome).startswith("Passed\n") and "✓ 4 nodes" in repr(outcome)
    broken = off_by_one.check(protocol(define(TIDY)))
    assert "Agreement is broken at step 6" in str(broken)
    with pytest.raises(ProtocolError):
        off_by_one.check(int)


def test_an_outcome_is_as_true_as_it_has_passed():
    assert off_by_one.check(MajorityVote)
    assert not off_by_one.check(protocol(define(TIDY)))


SOLUTION = """
class Kept(Promise):
    durable = ("value",)
"""


def test_a_solution_may_stand_without_what_the_reader_was_given():
    found = ask(SOLUTION, "keep_promise")
    assert found["headline"] == "Passed"
    run = found["stage"]["entries"][0]["seeds"][0][0]["run"]
    request = {"do": "continue", "run": run, "at": 1, "seed": 3}
    assert "scene" in answer({"do": "with", "exercise": "keep_promise", "code": SOLUTION, "request": request})
    assert "Promise" in ask(SOLUTION, "own")["why"], "there is nothing to build on"
    assert "no protocol" in ask("Promise", "keep_promise")["why"], "what was given is not the reader's"
    assert ask("x = Promise\n1 / 0", "keep_promise")["line"] == 2
