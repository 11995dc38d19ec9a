"""The rooms of a scene are an interface: a new one is its own file, and no file of the package knows of it."""

from pathlib import Path

import pytest

from consensus_lab import Crash, Restart, System, simulate
from consensus_lab.protocols import MajorityVote, Synod
from consensus_lab.scene import rooms
from consensus_lab.scene.room import Room
from consensus_lab.scene.scene import scene

TOYS = str(Path(__file__).parent / "toy_rooms")
RUN = simulate(System(MajorityVote, 3, {0: "red"}), seed=1, faults=[(1.2, Crash(2)), (6.0, Restart(2))])


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(rooms, "__path__", [*rooms.__path__, TOYS])


def test_a_room_of_its_own_file_is_in_the_scene(toy):
    data = scene(RUN)
    assert list(rooms.room_classes()) == ["ballots", "crashes", "logs"]
    (begin, end) = [k for k, step in enumerate(data["steps"], 1) if step["kind"] in ("crash", "restart")]
    assert data["crashes"] == {"down": [[2, begin, end]], "lines": 1}
    assert [view["crashes"] for view in data["nodes"]] == [0, 0, 0]
    assert data["steps"][begin - 1]["set"]["2"]["crashes"] == 1
    assert data["steps"][end - 1]["say"].endswith(f"It was down for {end - begin} steps.")


def test_without_it_nothing_of_it_is_there():
    data = scene(RUN)
    assert "crashes" not in data and "It was down" not in data["steps"][-1]["say"]


def test_a_room_with_nothing_to_show_has_no_part(toy):
    quiet = simulate(System(MajorityVote, 3, {0: "red"}), seed=1)
    toyed = scene(quiet)
    assert "crashes" not in toyed and not any("crashes" in view for view in toyed["nodes"])


def test_rooms_stand_beside_each_other(toy):
    faults = [(1.2, Crash(2)), (6.0, Restart(2))]
    data = scene(simulate(System(Synod, 3, {0: "red"}, network="lossy"), seed=1, faults=faults, until=20.0))
    assert {"ballots", "crashes", "tags"} <= data.keys() and "logs" not in data


def test_a_room_that_fits_nothing_says_what_it_lacks():
    class Bare(Room):
        pass

    with pytest.raises(NotImplementedError, match="Bare has to say which classes"):
        Bare.fits(())
