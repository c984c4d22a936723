"""KerasTuner's oracles, which draw the values of trials, made to survive a kill at any moment."""

import json
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import Trial
from keras_tuner.oracles import BayesianOptimizationOracle, RandomSearchOracle

from files.atomic import write_file
from models.tuning.config import Range, Space, TunerConfig
from models.tuning.space import encoded

OBJECTIVE = "stream_ap"


class _Resumable:
    """Makes an oracle of KerasTuner survive a kill: files stay whole, and only the trial that was running is lost."""

    def save(self: Any) -> None:
        """Writes the state in one step."""
        write_file(self._get_oracle_fname(), json.dumps(self.get_state()))

    def reload(self: Any) -> None:
        """Reads the state.

        A kill between the file of a trial and that of the state leaves a trial that the state does not know: it is
        dropped. The state is written while the trial that just ended still counts as running: it is not run again.
        """
        super().reload()  # type: ignore[misc]
        self.trials = {trial_id: self.trials[trial_id] for trial_id in self.start_order}
        self._retry_queue = [trial_id for trial_id in self._retry_queue if trial_id not in self.end_order]

    def get_best_trials(self: Any, num_trials: int = 1) -> list[Trial]:
        """The best trials of the budget, the best first: an earlier, longer search gives a branch no advantage."""
        ranked = super().get_best_trials(len(self.trials))  # type: ignore[misc]
        counting = {trial.trial_id for trial in self.in_budget()}
        return [trial for trial in ranked if trial.trial_id in counting][:num_trials]

    def in_budget(self: Any) -> list[Trial]:
        """The trials that count: the first ones that were drawn."""
        return [self.trials[trial_id] for trial_id in self.start_order[: self.max_trials]]

    def populate_space(self: Any, trial_id: str) -> dict[str, Any]:
        """The values of the next trial; the random numbers depend only on the seed and on the trial's number."""
        self._random_state = np.random.RandomState([self.seed, len(self.trials)])
        return super().populate_space(trial_id)  # type: ignore[misc]

    def _save_trial(self: Any, trial: Trial) -> None:
        write_file(Path(self._get_trial_dir(trial.trial_id), "trial.json"), json.dumps(trial.get_state()))


class RandomOracle(_Resumable, RandomSearchOracle):
    """Draws the values of each trial independently."""


class BayesianOracle(_Resumable, BayesianOptimizationOracle):
    """Draws values that a Gaussian process on the trials so far finds promising."""


ORACLES: dict[str, Any] = {"random": RandomOracle, "bayesian": BayesianOracle}


def make_oracle(config: TunerConfig, space: Space, seed: int) -> keras_tuner.Oracle:
    """The oracle of a search for the greatest `stream_ap`; the same seed draws the same trials.

    Args:
        config: the algorithm and the number of trials.
        space: the part of the config's space that the recipe has.
        seed: of the branch.
    """
    oracle = ORACLES[config.algorithm](
        objective=keras_tuner.Objective(OBJECTIVE, direction="max"),
        max_trials=config.trials,
        hyperparameters=declared(space),
        allow_new_entries=False,
        tune_new_entries=False,
        seed=seed + 1,  # KerasTuner takes 0 for no seed
        max_consecutive_failed_trials=config.trials + 1,  # a failed trial is a result: its values do not train
    )
    oracle.verbose = 0
    return oracle


def declared(space: Space) -> keras_tuner.HyperParameters:
    """A space as KerasTuner's."""
    parameters = keras_tuner.HyperParameters()
    for path, values in space.items():
        if isinstance(values, Range):
            whole = isinstance(values.low, int) and isinstance(values.high, int)
            draw = parameters.Int if whole else parameters.Float
            draw(path, values.low, values.high, sampling="log" if values.log else "linear")
        else:
            parameters.Choice(path, _of_one_type([encoded(value) for value in values]))
    return parameters


def _of_one_type(values: list[Any]) -> list[Any]:
    """KerasTuner takes values of one type: numbers if all are numbers, otherwise JSON."""
    if any(isinstance(value, str) for value in values):
        return [value if isinstance(value, str) else json.dumps(value) for value in values]
    return [float(value) for value in values] if any(isinstance(value, float) for value in values) else values
