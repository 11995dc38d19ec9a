"""A run's scene in words: what its picture shows, for those who do not see it."""

from consensus_lab.scene.words import listed


def verdict_lines(scene):
    """(sign, what is bold, the rest) for each property that is broken, and one line for those that are not."""
    broken = [p for p in scene["properties"] if p["broken"] is not None]
    lines = [(p["sign"], f"{p['name']} broken at step {p['broken']}:", _end(p["why"])) for p in broken]
    fine = [p for p in scene["properties"] if p["broken"] is None]
    holding = [p["name"] for p in fine if not p.get("eventual")]
    said = [f"{listed(holding)} hold{'s' * (len(holding) == 1)}."] if holding else []
    said += [f"{p['name']} is reached at step {p['met']}." for p in fine if p.get("eventual") and p["met"] is not None]
    said += [f"{p['name']} is still open." for p in fine if p.get("eventual") and p["met"] is None]
    said += _chosen(scene)
    return [*lines, ("", "", " ".join(said))] if said else lines


def _chosen(scene):
    """A sentence for each value that a quorum has accepted in a ballot."""
    quorums = scene.get("ballots", {"quorums": ()})["quorums"]
    for step, row, kind, _, value in quorums:
        if kind == "chosen":
            known = [at for at, of, how, _, what in quorums if (of, how, what) == (row, "known", value)]
            rest = f"somebody knows at step {known[0]}" if known else "nobody knows"
            yield f"Ballot {scene['tags']['rows'][row][0]} has chosen {value} at step {step}, and {rest}."


def describe_scene(scene):
    """The alternative text of the picture of a run."""
    names, steps = scene["names"], scene["steps"]
    n, events = len(names), f"{len(steps)} event{'s' * (len(steps) != 1)}"
    title = f"{scene['title']}. " if scene["title"] != scene["protocol"] else ""
    network = f"{n} node{'s' * (n > 1)} on a {scene['network']} network"
    said = [f"{title}Space-time diagram of {scene['protocol']}, {network}, {events}."]
    proposals = [step["text"] for step in steps if step["kind"] == "propose"]
    if proposals:
        said.append(_end(listed(proposals)))
    for k, step in enumerate(steps, 1):
        if step["kind"] in ("crash", "restart"):
            said.append(f"{step['text']} at step {k}.")
    lost = sum(step["kind"] == "drop" for step in steps)
    if lost:
        said.append(f"{lost} message{'s are' if lost > 1 else ' is'} lost.")
    decisions = [
        f"{names[step['node']]} {step['effect']} at step {k}"
        for k, step in enumerate(steps, 1)
        if step.get("mark") == "decide"
    ]
    said.append(_end(listed(decisions)) if decisions else "Nobody decides.")
    said += [f"{strong} {rest}".strip() for _, strong, rest in verdict_lines(scene)]
    return " ".join(said)


def _end(text):
    return text if text.endswith(".") else text + "."
