"""A protocol of the reader's own: all that the checker can say of it, in one system that the reader chooses."""

import ast
from importlib.resources import files

from consensus_lab.exercises.checker import MOST_STATES, Case, Outcome, counted, listed, one_run
from consensus_lab.exploration.explore import explore
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.network import NETWORKS
from consensus_lab.model.values import show
from consensus_lab.verdicts.verdict import verdict

VERDICT_STATES = 20_000  # so that the verdict takes no longer than the rest
PROPOSALS = {"two": ("red", "blue"), "one": ("red",), "all": ("red", "blue", "red", "blue", "red")}


def budget(name, label, texts, first):
    """One setting of the system: its choices with their texts, and the one that is chosen first."""
    return {"name": name, "label": label, "choices": list(texts), "texts": list(texts.values()), "first": first}


def up_to(most, least=0):
    """The choices of a setting, from `least` to `most`: {number: its text}."""
    return {number: str(number) for number in range(least, most + 1)}


BUDGETS = (
    budget("n", "Nodes", up_to(5, 1), 3),
    budget("proposals", "Who proposes", {"one": "only A", "two": "A and B", "all": "everybody"}, "two"),
    budget("network", "Network", {name: name for name in NETWORKS}, "reliable"),
    budget("crashes", "Crashes", up_to(2), 0),
    budget("restarts", "Restarts", up_to(2), 0),
    budget("timeouts", "Timeouts", up_to(3), 0),
)
TEMPLATES = (
    "empty", "first_heard", "constant", "unanimous", "coordinator", "two_phase_commit", "majority", "tie_break",
    "gossip_min", "ring", "echo",
)  # fmt: skip


def template(name):
    """The code of a protocol to start from."""
    return files("consensus_lab.exercises").joinpath("templates", f"{name}.py").read_text(encoding="utf-8")


def about(name):
    """Its one line about itself."""
    return ast.get_docstring(ast.parse(template(name)))


def case_of(wanted):
    """The Case of the settings that a reader has chosen; raises ProtocolError where there is no such setting."""
    settings = {chosen["name"]: chosen["first"] for chosen in BUDGETS}
    settings |= wanted if isinstance(wanted, dict) else {}
    for setting in BUDGETS:
        name, choices = setting["name"], setting["choices"]
        if isinstance(settings[name], bool) or settings[name] not in choices:
            raise ProtocolError(f"{name}={settings[name]!r}; choose one of {', '.join(map(str, choices))}")
    if len(settings) > len(BUDGETS):
        raise ProtocolError(f"the settings are {', '.join(setting['name'] for setting in BUDGETS)}, and no others")
    values = PROPOSALS[settings.pop("proposals")][: settings["n"]]
    return Case(proposals=tuple(enumerate(values)), sometimes=(), **settings)


def examine(protocol, case):
    """The Outcome of every schedule of the case: what holds, what is broken, and what can be decided."""
    graph = explore(case.system(protocol), max_states=MOST_STATES)
    runs = dict(sorted(graph.violations.items(), key=lambda item: len(item[1])))
    lines = []
    for prop in graph.properties:
        run = runs.get(prop.name)
        if run:
            lines.append(("broken", f"{prop.name}: {run.violations[prop.name].why}, after {len(run)} events"))
        elif graph.complete:
            lines.append(("holds", f"{prop.name} holds in every schedule"))
        else:
            lines.append(("open", f"{prop.name} holds as far as the checker went"))
    lines.append(_verdict(protocol, case))
    titled = {f"{name} is broken": run for name, run in runs.items()} or {"One run of many": one_run(graph.system)}
    why = f"{case}: {counted(graph)}. {_possible(graph)}".strip()
    if runs:
        headline = f"{listed(list(runs))} {'is' if len(runs) == 1 else 'are'} broken"
        return Outcome("broken", headline, why, lines, titled)
    if not graph.complete:
        return Outcome("bound", "Too many configurations to see them all", why, lines, titled)
    return Outcome("passed", "All three properties hold", why, lines, titled)


def _verdict(protocol, case):
    """The line that says which of the bad choices the protocol made, whatever is proposed."""
    budgets = {"network": case.network, "restarts": case.restarts, "timeouts": case.timeouts}
    found = verdict(protocol, case.n, crashes=case.crashes, max_states=VERDICT_STATES, **budgets)
    sign = {"decides": "holds", "unknown": "open"}.get(found.kind, "broken")
    return sign, f"Verdict, whoever proposes what: {found.kind}. {found.explanation}"


def _possible(graph):
    """What can still be decided at the start, in words."""
    if not graph.complete:
        return ""
    values = [show(value) for value in graph.system.proposals.values()]
    possible = {show(value) for value in graph.valency(graph.system.initial())}
    known = [value for value in dict.fromkeys([*values, *sorted(possible)]) if value in possible]
    if not known:
        return "No schedule decides anything."
    return f"It can decide {' or '.join(known)}."
