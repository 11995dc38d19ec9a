"""A sweep counts the same wherever it runs, and says how far its figures can be trusted."""

import logging
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from math import comb, isnan
from multiprocessing import get_context
from random import Random

import pytest
from distributed import Client, LocalCluster

from consensus_lab import ProtocolError
from consensus_lab.experiments.sweeps import split_vote
from consensus_lab.simulation.sweep import Share, sweep, sweeping, wilson

GRID = {"n": [3, 4], "spread": [0.0, 1.0], "loss": [0.0, 0.2]}


def coin(seed, heads=0.5):
    """A coin that keeps the first batches waiting, so that they come in last."""
    time.sleep(0.002 if seed < 20 else 0)
    return "heads" if Random(seed).random() < heads else "tails"


def picky(seed, n, fails_from=7):
    if seed >= fails_from and n == 2:
        time.sleep(0.05 if seed == fails_from else 0)
        raise KeyError("vote")
    return "fine"


def mute(seed):
    return None


@contextmanager
def here():
    yield None


def threads():
    return ThreadPoolExecutor(3)


def processes():
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


@contextmanager
def dask():
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=logging.ERROR
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


@pytest.fixture(scope="module", params=[here, threads, processes, dask], ids=lambda place: place.__name__)
def executor(request):
    with request.param() as executor:
        yield executor


def test_the_same_counts_wherever_it_runs(executor):
    expected = sweep(split_vote, GRID, seeds=40)
    assert expected.outcomes == ("decides blue", "decides red", "splits", "waits")
    found = sweep(split_vote, GRID, seeds=40, executor=executor, batch=9)
    assert found == expected and str(found) == str(expected)


def test_results_come_in_bit_by_bit(executor):
    parts = list(sweeping(coin, {"heads": [0.2, 0.5]}, seeds=100, executor=executor, batch=10))
    assert [part.runs for part in parts] == list(range(10, 201, 10))
    assert [part.complete for part in parts] == [False] * 19 + [True]
    assert parts[-1] == sweep(coin, {"heads": [0.2, 0.5]}, seeds=100)
    assert "10 of 200 runs so far" in str(parts[0]) and "so far" not in str(parts[-1])


def test_it_can_be_stopped_and_the_executor_goes_on(executor):
    so_far = sweeping(coin, {"heads": [0.2, 0.5]}, seeds=300, executor=executor, batch=10)
    assert next(so_far).runs == 10
    so_far.close()
    assert sweep(coin, {"heads": [0.5]}, seeds=10, executor=executor).complete


def test_an_error_names_the_first_point_and_seed(executor):
    with pytest.raises(ProtocolError, match=r"^picky at n=2, seed=7: KeyError: 'vote'$"):
        sweep(picky, {"n": [1, 2, 3]}, seeds=40, executor=executor, batch=2)
    with pytest.raises(ProtocolError, match=r"^mute at seed=0: TypeError: its outcome is None; return text$"):
        sweep(mute, {}, seeds=1, executor=executor)


def test_points_and_their_shares():
    result = sweep(coin, [{"heads": 1.0}, {"heads": 0.0}], seeds=range(20, 30))
    assert [tally.point["heads"] for tally in result] == [1.0, 0.0] and len(result) == 2
    assert result.at(heads=0.0).counts == {"heads": 0, "tails": 10} and result.at(heads=0.0).runs == 10
    assert result[0].share("heads") == Share(1.0, pytest.approx(0.7225, abs=1e-4), 1.0)
    assert result[0].share("heads", "tails").share == 1.0 and result[0].share("edge").share == 0.0
    assert repr(result) == "<sweep: coin, 2 points, 20 of 20 runs>"
    with pytest.raises(ProtocolError, match=r"^at\(heads=0\.5\) fits 0 points"):
        result.at(heads=0.5)


def test_seeds_may_be_split_between_sweeps():
    first, second = (sweep(coin, {}, seeds=seeds)[0].counts for seeds in (range(40), range(40, 100)))
    assert sweep(coin, {}, seeds=100)[0].counts == {key: first[key] + second[key] for key in first}


@pytest.mark.parametrize(
    "hits, runs, low, high",
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0),
     (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)],
)  # fmt: skip
def test_intervals_of_the_literature(hits, runs, low, high):
    """The last two are from Newcombe, Two-sided confidence intervals for the single proportion (1998), table I."""
    assert wilson(hits, runs)[1:] == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@pytest.mark.parametrize("p", [0.02, 0.3])
def test_intervals_hold_the_truth_about_as_often_as_they_say(p):
    runs = 200
    holds = [low <= p <= high for _, low, high in (wilson(hits, runs) for hits in range(runs + 1))]
    covered = sum(comb(runs, k) * p**k * (1 - p) ** (runs - k) for k in range(runs + 1) if holds[k])
    assert covered == pytest.approx(0.95, abs=0.02)


def test_no_runs_say_nothing():
    share, low, high = wilson(0, 0)
    assert isnan(share) and (low, high) == (0.0, 1.0)
    for hits, runs in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ProtocolError, match="hits"):
            wilson(hits, runs)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"experiment": 3}, "3 is no experiment"),
        ({"parameters": 3}, "each name needs a list of values"),
        ({"parameters": {"heads": 0.5}}, "each name needs a list of values"),
        ({"parameters": {"heads": "half"}}, "each name needs a list of values"),
        ({"parameters": {"heads": []}}, "leaves no point to run"),
        ({"parameters": [{"heads": 0.5}, {}]}, "do not have the same parameters"),
        ({"parameters": [{"heads": 0.5}] * 2}, "is there twice"),
        ({"parameters": {"seed": [1]}}, "seed is no parameter"),
        ({"seeds": 0}, "seeds=0; pass how many"),
        ({"seeds": [1, 1]}, "different whole numbers"),
        ({"seeds": 2.5}, "seeds=2.5"),
        ({"batch": 0}, "batch=0"),
        ({"executor": 3}, "executor=3 is none"),
    ],
)
def test_bad_input_is_told_at_once(change, message):
    arguments = {"experiment": coin, "parameters": {"heads": [0.5]}, "seeds": 10} | change
    with pytest.raises(ProtocolError, match=message):
        sweeping(**arguments)


def test_an_experiment_that_cannot_travel():
    with processes() as executor, pytest.raises(ProtocolError, match="Define it at the top of a module"):
        sweep(lambda seed: "fine", {}, seeds=10, executor=executor)


# -- the vote ---------------------------------------------------------------------------------------------------


def test_a_vote_of_an_odd_number_splits_only_when_a_node_is_down():
    result = sweep(split_vote, {"n": [3, 4, 5], "crash": [0, 1]}, seeds=100)
    splits = {tuple(tally.point.values()): tally.counts["splits"] for tally in result}
    assert splits[3, 0] == splits[5, 0] == 0 and min(splits[3, 1], splits[4, 1], splits[4, 0], splits[5, 1]) > 20
    assert "waits" not in result.outcomes


def test_a_calm_network_decides_and_a_dead_one_waits():
    assert sweep(split_vote, {"n": range(2, 8), "spread": [0]}, seeds=5).at(n=6).counts["decides red"] == 5
    assert sweep(split_vote, {"loss": [1.0]}, seeds=5).at().counts == {"waits": 5}


@pytest.mark.parametrize("wrong", [{"n": 1}, {"n": 2.5}, {"crash": 3}, {"crash": -1}, {"loss": 2}, {"spread": -1}])
def test_a_vote_that_cannot_be(wrong):
    with pytest.raises(ProtocolError, match=f"{next(iter(wrong))}=|exponential"):
        split_vote(0, **wrong)
