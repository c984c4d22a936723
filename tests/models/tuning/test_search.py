"""A search keeps the trials that ended, draws the same ones again, and judges each by the loop's own AP."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.errors import TrainingError
from models.training.loop import train
from models.training.prepare import PreparedData
from models.tuning.space import with_values
from tests.models.tuning.searches import SPEC, Formula, prepared, search_in, trials_of


@pytest.fixture
def formula(monkeypatch: pytest.MonkeyPatch) -> Formula:
    formula = Formula()
    monkeypatch.setattr("models.tuning.search.train", formula)
    return formula


@pytest.mark.parametrize("algorithm", ["random", "bayesian"])
def test_the_same_seed_draws_the_same_trials(tmp_path: Path, formula: Formula, algorithm: str):
    trials = []
    for number, seed in enumerate((0, 0, 1)):
        search = search_in(f"{tmp_path}/{number}", algorithm, seed=seed)
        search.search()
        trials.append(trials_of(search))
    assert trials[0] == trials[1] != trials[2]
    assert len(trials[0]) == 8 and all(1e-3 <= ap <= 1e-1 for _, _, ap in trials[0])


@pytest.mark.parametrize("algorithm", ["random", "bayesian"])
def test_a_killed_search_goes_on_after_the_trials_that_ended(tmp_path: Path, formula: Formula, algorithm: str):
    command = [sys.executable, "-m", "tests.models.tuning.searches", f"{tmp_path}/killed", algorithm, "4"]
    killed = subprocess.run(command, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    resumed = search_in(f"{tmp_path}/killed", algorithm)
    resumed.search()
    assert formula.calls == 8 - 3
    whole = search_in(f"{tmp_path}/whole", algorithm)
    whole.search()
    assert trials_of(resumed) == trials_of(whole)


def test_more_trials_begin_with_those_that_are_done(tmp_path: Path, formula: Formula):
    search_in(str(tmp_path), trials=2).search()
    more = search_in(str(tmp_path), trials=5)
    more.search()
    assert formula.calls == 5
    assert len(trials_of(more)) == 5


def test_fewer_trials_are_the_first_ones_of_a_longer_search(tmp_path: Path, formula: Formula):
    search_in(f"{tmp_path}/long", trials=8).search()
    fewer, alone = search_in(f"{tmp_path}/long", trials=3), search_in(f"{tmp_path}/alone", trials=3)
    for search in (fewer, alone):
        search.search()
    assert formula.calls == 8 + 3
    (best,) = alone.oracle.get_best_trials()
    assert max(ap for _, _, ap in trials_of(fewer)) > best.score
    assert [trial.score for trial in fewer.oracle.get_best_trials(9)] == [
        trial.score for trial in alone.oracle.get_best_trials(9)
    ]


def test_the_rows_are_read_once_and_only_if_a_trial_is_missing(tmp_path: Path, formula: Formula):
    entered = []

    @contextmanager
    def counted() -> Iterator[PreparedData]:
        entered.append(formula.calls)
        with prepared() as data:
            yield data

    for trials in (2, 2, 4):
        search_in(str(tmp_path), trials=trials, data=counted).search()
    assert formula.calls == 4
    assert entered == [0, 2]


def test_values_that_do_not_train_are_a_failed_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    formula = Formula()

    def train_some(*given: object) -> object:
        if formula(*given).epochs[0].stream_ap > 0.01:
            raise TrainingError("training diverged")
        return formula(*given)

    monkeypatch.setattr("models.tuning.search.train", train_some)
    search = search_in(str(tmp_path))
    search.search()
    scores = [score for _, _, score in trials_of(search)]
    assert None in scores
    assert search.get_best_hyperparameters()[0].values["trainer.learning_rate"] == max(filter(None, scores))


def test_a_search_without_any_model_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def diverge(*_: object) -> None:
        raise TrainingError("training diverged")

    monkeypatch.setattr("models.tuning.search.train", diverge)
    with pytest.raises(TrainingError, match=r"none of the 2 trials of joint .* training diverged"):
        search_in(str(tmp_path), trials=2).search()


@pytest.mark.parametrize("kind", [KeyError, ValueError])
def test_a_bug_stops_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]):
    def broken(*_: object) -> None:
        raise kind("bug")

    monkeypatch.setattr("models.tuning.search.train", broken)
    with pytest.raises(Exception, match=r"trial 0: '?bug'?"):
        search_in(str(tmp_path)).search()


def test_a_trial_is_a_training_with_its_values(tmp_path: Path):
    search = search_in(str(tmp_path), trials=1)
    search.search()
    ((_, values, ap),) = trials_of(search)
    with prepared() as data:
        trained = train(with_values(SPEC, values), data.layout, data.train, data.validation)
    assert ap == trained.epochs[trained.chosen - 1].stream_ap
