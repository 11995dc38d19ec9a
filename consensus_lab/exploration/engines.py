"""Which engine searches: Python, or the compiled kernel once a search is large; see `compiled.py`."""

from consensus_lab.exploration.breadth_first import CHOICES, REPORT, breadth_first
from consensus_lab.exploration.compiled import FULL, MORE, STEP, Kernel, MemoryFull
from consensus_lab.exploration.visited import Visited
from consensus_lab.exploration.wasm_host import Unavailable
from consensus_lab.model.errors import ProtocolError, TooManyChoices

ENGINES = ("auto", "python", "compiled")
LARGE = 50_000  # configurations that Python finds before it pays to start the kernel
SOON = 5_000  # configurations between two looks at whether it is enough


def search(space, start, most, progress, enough=None, engine="auto"):
    """What `breadth_first` returns; the mapping of configurations may be that of a kernel."""
    if engine == "python":
        return breadth_first(space, start, most, progress, enough)
    if engine == "compiled":
        parents, expanded, stopped = {start: None}, 0, None
    else:
        parents, expanded, stopped = breadth_first(space, start, min(most, LARGE), progress, enough)
        if stopped or expanded == len(parents) or most <= LARGE:
            return parents, expanded, stopped
    try:
        kernel = Kernel(space)
        kernel.load(parents, expanded, most)
    except (Unavailable, MemoryFull) as error:
        if engine == "compiled":
            raise ProtocolError(f'engine="compiled": {error}') from None
        return breadth_first(space, start, most, progress, enough)
    return Visited(kernel), *_advance(kernel, most, progress, enough)


def _advance(kernel, most, progress, enough):
    """Search to the end: how many configurations are expanded, and why it stopped."""
    kernel.space.most, due, stopped, status = max(most, CHOICES), REPORT, None, MORE
    try:
        while status == MORE and not stopped:
            status = kernel.ask("advance", SOON if enough else STEP)
            if status == FULL:
                stopped = "memory"
            elif enough and enough(*_news(kernel, enough)):
                stopped = "violation"
            found = len(kernel)
            if progress and found >= due:
                due = found - found % REPORT + REPORT
                progress(found, found - kernel.expanded)
    except KeyboardInterrupt:
        stopped = "interrupted"
    except TooManyChoices:
        pass
    except MemoryFull:
        stopped = "memory"
    kernel.call("end_search")
    return kernel.expanded, stopped


def _news(kernel, enough):
    """What FirstViolation is to look at, of what was expanded and found since the last time."""
    kernel.select(-1 if enough.reads_messages else ~kernel.space.mail)
    return list(kernel.walk("next_quiet")), list(kernel.walk("next_distinct"))
