"""A state graph for other programs."""

from itertools import islice

from consensus_lab.model.events import describe


def to_networkx(graph, text):
    """What `StateGraph.to_networkx` gives."""
    import networkx

    space, system, drawn = graph._space, graph.system, networkx.MultiDiGraph()
    configurations = list(graph)
    numbers = {key: number for number, key in enumerate(graph._parents)}
    for number, c in enumerate(configurations):
        drawn.add_node(number, label=str(c), **({} if text else {"configuration": c}))
    for key in islice(graph._parents, graph._expanded):
        here = numbers[key]
        for event, after in space.steps(key):
            there = numbers[space.canonical(after)]
            exact = system.react(configurations[here], event)[1] == configurations[there]
            label = describe(event, system.names)
            drawn.add_edge(here, there, label=label, exact=exact, **({} if text else {"event": event}))
    return drawn
