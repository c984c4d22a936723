"""The points of the map: simulated worlds over a grid, or the logs of the config as one point."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from experiments.systems.configs import ExperimentWorld, world_of, worlds_of
from experiments.systems.errors import SystemsError
from pipeline.configuration.config import Config

_NO_BOUNDS = {"validation": {"train_test": {"enabled": False}}}
"""Small worlds differ from day to day. A map must not have holes for that."""


@dataclass(frozen=True)
class Coordinates:
    """Position of a point on the map: how alike both channels are, and how many impressions they have.

    Attributes:
        show_correlation, user_correlation: of the channels' effects of shows and of users, -1 to 1.
        ratio: ads for each promotion.
        scarce: impressions of the channel that has fewer.
    """

    show_correlation: float
    user_correlation: float
    ratio: float
    scarce: int

    @property
    def correlations(self) -> str:
        """Both correlations, such as `0.8/0.6`."""
        return f"{self.show_correlation:g}/{self.user_correlation:g}"


@dataclass(frozen=True, eq=False)
class Point:
    """A point of the map with its logs; ratio and amount of the coordinates are 0 if they must be counted."""

    world: ExperimentWorld
    coordinates: Coordinates


def grid_of(
    config: Config,
    out: str,
    correlations: Sequence[tuple[float, float]],
    ratios: Sequence[float],
    amounts: Sequence[int],
) -> tuple[Point, ...]:
    """The points, by amount, ratio, and correlations.

    Args:
        config: of the world, or of real logs.
        out: folder of the experiment.
        correlations: of shows and of users between the channels.
        ratios: ads for each promotion, above 0. Real logs have their own.
        amounts: impressions of the scarce channel; empty for as many as the config's world has.

    Raises:
        SystemsError: a value is not valid, or real logs get more than one pair of correlations.
    """
    if config.simulation is None:
        if len(correlations) != 1:
            raise SystemsError(
                f"real logs are one point, not {len(correlations)}: give one pair to --correlations, such as 0.8/0.6"
            )
        (world,) = worlds_of(config, out)
        return (Point(world, Coordinates(*correlations[0], ratio=0.0, scarce=0)),)
    for ratio in ratios:
        if not ratio > 0:
            raise SystemsError(f"--ratios {ratio:g}: there must be more than 0 ads for each promotion")
    own = config.simulation
    scarce = round(own.impressions * min(1.0, own.ads_per_promotion) / (1.0 + own.ads_per_promotion))
    grid = [
        Coordinates(show, user, ratio, amount)
        for amount, ratio, (show, user) in product(dict.fromkeys(amounts or (scarce,)), ratios, correlations)
    ]
    return tuple(Point(_world(config, out, point), point) for point in grid)


def impressions(at: Coordinates) -> int:
    """Impressions of both channels: `at.scarce` of one, max(ratio, 1 / ratio) times as many of the other."""
    return round(at.scarce * (1.0 + max(at.ratio, 1.0 / at.ratio)))


def _world(config: Config, out: str, at: Coordinates) -> ExperimentWorld:
    simulation = {
        "show_correlation": at.show_correlation,
        "user_correlation": at.user_correlation,
        "ads_per_promotion": at.ratio,
        "impressions": impressions(at),
    }
    name = f"show{at.show_correlation:g}-user{at.user_correlation:g}-ratio{at.ratio:g}-{at.scarce}"
    return world_of(config, out, name, {"simulation": simulation, **_NO_BOUNDS})
