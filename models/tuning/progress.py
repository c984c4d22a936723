"""Progress of a search for a person: a line for each trial."""

from collections.abc import Collection, Sequence

from keras_tuner.engine.trial import Trial
from rich.console import Console

from models.tuning.space import decoded


class SearchProgress:
    """Prints which trial ended, the best so far, and the time that is left.

    Args:
        name: the branch.
        trials: number of trials of the search.
        console: where to.
    """

    def __init__(self, name: str, trials: int, console: Console) -> None:
        self._name = name
        self._trials = trials
        self._console = console
        self._seconds: list[float] = []

    def begins(self, done: Collection[Trial], keys: Sequence[str]) -> None:
        """Prints the size of the search, and how much of it an earlier one has done."""
        ended = sum(trial.score is not None for trial in done)
        kept = f", {ended} of them kept from before" if ended else ""
        self._print(f"{self._name}: {self._trials} trials of {', '.join(keys)}{kept}")

    def ended(self, trials: Collection[Trial], trial: Trial, ap: float, seconds: float) -> None:
        """Prints a trial that gave a model."""
        self._seconds.append(seconds)
        best = max([ap, *(other.score for other in trials if other.score is not None)])
        left = (self._trials - len(trials)) * sum(self._seconds) / len(self._seconds)
        self._print(
            f"{self._title(trial)}: stream AP {ap:.4f}, best {best:.4f}, {seconds:.0f} s, about {_duration(left)} left"
        )

    def failed(self, trial: Trial, reason: str) -> None:
        """Prints a trial that gave none, and why."""
        self._print(f"{self._title(trial)}: no model: {reason}")

    def best(self, trial: Trial) -> None:
        """Prints the best trial with its values."""
        values = ", ".join(f"{path}={decoded(value)}" for path, value in trial.hyperparameters.values.items())
        self._print(f"{self._name}: the best is trial {int(trial.trial_id) + 1}, stream AP {trial.score:.4f}: {values}")

    def _title(self, trial: Trial) -> str:
        return f"{self._name} trial {int(trial.trial_id) + 1}/{self._trials}"

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
