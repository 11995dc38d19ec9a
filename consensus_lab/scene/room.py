"""What a room is: a part of a scene that has data and words of its own, as the ballots of Paxos have."""

from typing import Any


class Room:
    """A part of a scene, asked by its name; what a room does not define stays as it is without it.

    A room is a module of `consensus_lab.scene.rooms` that has its class as ``ROOM``. The module's name is the key of
    its part in the scene, and the name of the JavaScript module that draws it. Rooms are asked in the order of their
    names, except that one that `hides` others comes first where only one can answer.

    Parameters
    ----------
    look : Look
        The run, whose rooms of earlier names are in ``look.rooms`` already.

    Attributes
    ----------
    hides : tuple of str
        The rooms whose part is left out of the scene.
    decides_once : bool
        Whether a node that has decided has nothing more to say.
    tells_rearmed_timers : bool
        Whether it is worth a word that a node sets a timer anew.
    """

    hides = ()
    decides_once = True
    tells_rearmed_timers = True

    def __init__(self, look):
        self.look = look

    @classmethod
    def fits(cls, classes):
        """Whether a run of nodes of these classes has this room."""
        raise NotImplementedError(f"{cls.__name__} has to say which classes of nodes it is for: define fits(classes)")

    # -- data -----------------------------------------------------------------------------------------------

    def part(self) -> Any:
        """The room's part of the scene, as plain JSON; None where there is nothing to show."""
        return None

    def tags(self) -> Any:
        """The "tags" of the scene, or None: what each message belongs to, of which the first room's are taken."""
        return None

    def view(self, k, i) -> Any:
        """What the view of node `i` has besides, after `k` steps: a dict of plain JSON."""
        return {}

    # -- values ---------------------------------------------------------------------------------------------

    def held(self, i, local) -> Any:
        """(field, text) of the value that node `i` holds in a local state, each None if it holds none; or None.

        None leaves the answer to others.
        """
        return None

    def vote(self, i, local) -> Any:
        """(field, ballot, text) of node `i`'s last vote in a local state, or None."""
        return None

    def carries(self, message) -> Any:
        """Whether this room says which value a message carries."""
        return False

    def message_value(self, message) -> Any:
        """The text of the value that a message carries, or None; asked only where the room `carries` it."""
        return None

    def show(self, value) -> Any:
        """A value as a person reads it, or None to leave it to others."""
        return None

    def display(self, name, value) -> Any:
        """The value of a field in words, or None to leave it to others."""
        return None

    # -- words ----------------------------------------------------------------------------------------------

    def words(self, k, i, undecided) -> Any:
        """The words beside node `i`, which is up, after `k` steps, or None to leave them to others.

        `undecided` says whether the node holds no value and has decided none.
        """
        return None

    def told(self, k) -> Any:
        """What step `k` means for the room, in sentences."""
        return ()

    def verbs(self, change) -> Any:
        """What a node did in a Change, each as a verb with its object, and the set of the fields that these tell of."""
        return [], set()

    def nothing(self, change) -> Any:
        """Why a Change is none, as a sentence, or "" to leave it to others."""
        return ""
