"""Lines about finished models, with an estimate of the time that is left."""

import statistics

from experiments.systems.configs import Model


class TimeLeft:
    """Estimates the time until all models are trained, from the models of this session that were not in the cache.

    Args:
        models: how many there are.
    """

    def __init__(self, models: int) -> None:
        self._models = models
        self._done = 0
        self._trained: list[float] = []

    def drop(self, models: int) -> None:
        """Says that so many models will not be trained after all."""
        self._models -= models

    def line(self, model: Model, seconds: float, *, cached: bool) -> str:
        """A line for the screen about the next finished model.

        Args:
            model: the model.
            seconds: wall time of its run.
            cached: whether an earlier run had trained and judged it.
        """
        self._done += 1
        if not cached:
            self._trained.append(seconds)
        took = "cached" if cached else f"{seconds:.0f} s"
        place = f"[{self._done:>{len(str(self._models))}}/{self._models}]"
        return f"{place} {model.system.name}, seed {model.seed}, {model.world.name}: {took}{self._left()}"

    def _left(self) -> str:
        waiting = self._models - self._done
        if not waiting or not self._trained:
            return ""
        # The median, since the first run of a world is longer: it also has ingestion and Transform.
        return f"; about {duration(waiting * statistics.median(self._trained))} left"


def duration(seconds: float) -> str:
    """Seconds, minutes, or hours, such as `40 s`, `12 min`, or `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
