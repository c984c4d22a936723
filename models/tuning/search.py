"""The search of one branch: a tuner of KerasTuner whose trials are trainings on rows that are read once."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import keras_tuner
from keras_tuner.engine.base_tuner import BaseTuner
from keras_tuner.engine.trial import Trial
from keras_tuner.errors import FailedTrialError, FatalError
from rich.console import Console

from files.atomic import write_file
from models.errors import TrainingError
from models.spec import TrainingSpec
from models.training.loop import train
from models.training.prepare import PreparedData
from models.tuning.oracle import OBJECTIVE
from models.tuning.progress import SearchProgress
from models.tuning.space import with_values

_COMPLETED = "COMPLETED"


class Search(BaseTuner):
    """Trains one model for each trial and keeps its validation AP, not its weights.

    The trials are kept below `directory/project_name`. A new search there goes on after the last one that ended.

    Args:
        spec: of the branch, as `Branch.tunable_spec` makes it, with the epochs of a trial.
        data: gives the rows; entered once, when the first trial needs them.
        oracle: draws the values.
        directory: local folder of all searches.
        project_name: folder below it.
        console: where progress goes.
    """

    def __init__(
        self,
        spec: TrainingSpec,
        data: Callable[[], AbstractContextManager[PreparedData]],
        oracle: keras_tuner.Oracle,
        directory: str,
        project_name: str,
        console: Console | None = None,
    ) -> None:
        self._spec = spec.model_copy(update={"trainer": spec.trainer.model_copy(update={"calibrate": False})})
        self._open, self._opened = data, ExitStack()
        self._data: PreparedData  # from the first trial on
        self._progress = SearchProgress(spec.name, oracle.max_trials, console or Console())
        super().__init__(oracle, directory=directory, project_name=project_name, overwrite=False)

    def search(self, *args: Any, **kwargs: Any) -> None:
        """Runs the trials that are missing.

        Raises:
            TrainingError: no trial gave a model.
        """
        with self._opened:
            super().search(*args, **kwargs)
        trials = self.oracle.in_budget()
        if not any(trial.status == _COMPLETED for trial in trials):
            reason = next((str(trial.message).strip().splitlines()[-1] for trial in trials if trial.message), "")
            raise TrainingError(
                f"none of the {len(trials)} trials of {self._spec.name} gave a model; narrow tuner.space: {reason}"
            )

    def on_trial_begin(self, trial: Trial) -> None:
        """Reads the rows before the first trial; an error here ends the search, and one of a trial need not."""
        super().on_trial_begin(trial)
        if not hasattr(self, "_data"):
            self._data = self._opened.enter_context(self._open())

    def run_trial(self, trial: Trial, *_args: Any, **_kwargs: Any) -> dict[str, float]:
        """Trains with the values of a trial: the mean validation AP of the stream tasks in the best epoch."""
        started = time.monotonic()
        try:
            spec = self._with_values_of(trial)
            trained = train(spec, self._data.layout, self._data.train, self._data.validation)
        except TrainingError as error:  # these values do not train; others may
            self._progress.failed(trial, str(error))
            raise FailedTrialError(str(error)) from error
        except Exception as error:
            raise FatalError(f"trial {trial.trial_id}: {error}") from error
        ap = trained.epochs[trained.chosen - 1].stream_ap
        self._progress.ended(self.oracle.trials.values(), trial, ap, time.monotonic() - started)
        return {OBJECTIVE: ap}

    def _with_values_of(self, trial: Trial) -> TrainingSpec:
        """The spec with the values of a trial.

        Raises:
            TrainingError: the values do not go together. (A ValueError of training is a bug, and stops the search.)
        """
        try:
            return with_values(self._spec, trial.hyperparameters.values)
        except ValueError as error:
            raise TrainingError(str(error)) from error

    def on_search_begin(self) -> None:
        """Keeps the state before the first trial, so that a kill loses no trial that ended."""
        self.save()

    def save(self) -> None:
        """Writes the state in one step."""
        write_file(self._get_tuner_fname(), json.dumps(self.get_state()))

    def search_space_summary(self, extended: bool = False) -> None:  # noqa: ARG002 - its name is KerasTuner's
        """Prints what the search is about to do; TFX calls it."""
        self._progress.begins(self.oracle.in_budget(), list(self.oracle.get_space().values))

    def results_summary(self, num_trials: int = 10) -> None:  # noqa: ARG002 - its name is KerasTuner's
        """Prints the best trial; TFX calls it."""
        self._progress.best(self.oracle.get_best_trials(1)[0])
