"""An exercise: an editor with a protocol to complete, and a checker that plays the run that refutes it."""

from consensus_lab.answers.exercise import OWN
from consensus_lab.exercises import CATALOG
from consensus_lab.exercises.own import BUDGETS, TEMPLATES, about, template
from consensus_lab.figures.code import code_picture
from consensus_lab.widgets.base import Recorded


class CodeWidget(Recorded):
    """An editor with a Check button, and what comes of it."""

    kind, heading = "exercise", "The task, and the code to start from"
    needs = ("stage",)

    def __init__(self, name, title, task, starter, **more):
        self._words = title
        super().__init__(payload={"version": 1, "name": name, "title": title, "task": task, "starter": starter} | more)

    def __repr__(self):
        return f"{type(self).__name__}({self._words!r})"

    @property
    def picture(self):
        """The code to start from."""
        return code_picture(self.payload["title"], self.payload["starter"])

    @property
    def transcript(self):
        """The task, and the code to start from."""
        return f"{self.payload['task']}\n\n{self.payload['starter']}"


class Exercise(CodeWidget):
    """An exercise of the book, by its name in `consensus_lab.exercises.CATALOG`.

    Examples
    --------
    >>> Exercise("off_by_one")
    Exercise('Off by one')
    """

    def __init__(self, name):
        if name not in CATALOG:
            raise ValueError(f"there is no exercise {name!r}; there are {', '.join(CATALOG)}")
        exercise = CATALOG[name]
        bounds = [str(case) for case in exercise.cases]
        super().__init__(name, exercise.title, exercise.task, exercise.starter, bounds=bounds)


class YourProtocol(CodeWidget):
    """Any protocol, in a system that the reader chooses, with small ones to start from.

    Examples
    --------
    >>> YourProtocol()
    YourProtocol('Your own protocol')
    """

    def __init__(self):
        templates = [{"name": name, "about": about(name), "code": template(name)} for name in TEMPLATES]
        task = "Write one, or start from one of these, and press Check."
        super().__init__(OWN, "Your own protocol", task, templates[0]["code"], templates=templates, budgets=BUDGETS)
