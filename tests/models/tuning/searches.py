"""A search whose trainings are a formula, for tests; run as a program, it kills itself within a trial.

python -m tests.models.tuning.searches FOLDER ALGORITHM TRIAL
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace

import models.tuning.search
from models.config import TrainerConfig
from models.spec import TrainingSpec
from models.training.prepare import PreparedData
from models.tuning.config import Range, Space, TunerConfig
from models.tuning.oracle import make_oracle
from models.tuning.search import Search
from tests.models.prepared import RECIPES, random_rows, small_layout

SPACE: Space = {"trainer.learning_rate": Range(low=1e-3, high=1e-1, log=True), "encoder.units": ((8,), (16, 8))}
SPEC = TrainingSpec(
    name="joint",
    recipe=RECIPES["joint"],
    sources=("promotion", "ad"),
    trainer=TrainerConfig(batch_size=128, epochs=1),
)


@contextmanager
def prepared() -> Iterator[PreparedData]:
    rows = random_rows(200, 600)
    yield PreparedData(None, small_layout(), rows, rows, 0.0)


def search_in(
    folder: str,
    algorithm: str = "random",
    trials: int = 8,
    seed: int = 0,
    data: Callable[[], AbstractContextManager[PreparedData]] = prepared,
) -> Search:
    config = TunerConfig.model_validate({"algorithm": algorithm, "trials": trials, "space": SPACE})
    return Search(SPEC, data, make_oracle(config, SPACE, seed), folder, "joint")


class Formula:
    """Stands in for `train`: the AP follows from the values. Kills the process in the middle of a trial, if wanted."""

    def __init__(self, killed_in: int | None = None) -> None:
        self.calls = 0
        self.killed_in = killed_in

    def __call__(self, spec: TrainingSpec, *_: object) -> SimpleNamespace:
        self.calls += 1
        if self.calls == self.killed_in:
            os.kill(os.getpid(), signal.SIGKILL)
        return SimpleNamespace(epochs=(SimpleNamespace(stream_ap=spec.trainer.learning_rate),), chosen=1)


def trials_of(search: Search) -> list[tuple[str, dict[str, object], float]]:
    trials = search.oracle.trials
    return [(name, trials[name].hyperparameters.values, trials[name].score) for name in search.oracle.start_order]


if __name__ == "__main__":
    models.tuning.search.train = Formula(killed_in=int(sys.argv[3]))  # type: ignore[assignment]
    search_in(sys.argv[1], sys.argv[2]).search()
