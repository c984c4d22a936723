"""The taste and the quality of shows in each channel, partly the same in both channels (docs/world.md#channels)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import Floats
from simulation.config import SimulationConfig
from simulation.names import SOURCES
from simulation.randomness import Purpose, generator
from simulation.shows import Shows, draw_content
from simulation.topics import TopicSpace


@dataclass(frozen=True)
class Channels:
    """Shows as users meet them in promotions and in ads, in the order of SOURCES. Organic listening uses Shows.

    Attributes:
        latent: float32 [sources, shows, DIMENSIONS], the taste that a show meets, of length 1 on average.
        quality: float32 [sources, shows], its appeal, standard normal.
    """

    latent: NDArray[np.float32]
    quality: NDArray[np.float32]


def draw_channels(config: SimulationConfig, space: TopicSpace, shows: Shows) -> Channels:
    """Mixes the taste and quality of each show with a part of each channel's own, drawn as if for another show."""
    correlation = config.show_correlation
    latents, qualities = [], []
    for source in range(len(SOURCES)):
        rng = generator(config.seed, Purpose.CHANNELS, source)
        _, _, own = draw_content(rng, space, config.shows)
        latents.append(channel_part(shows.latent, own, correlation, shows.latent.mean(axis=0)))
        qualities.append(channel_part(shows.quality, rng.normal(size=config.shows), correlation))
    return Channels(np.stack(latents).astype(np.float32), np.stack(qualities).astype(np.float32))


def channel_part(common: Floats, own: Floats, correlation: float, mean: Floats | float = 0.0) -> NDArray[np.float64]:
    """One channel's part: mean + sqrt(correlation) (common - mean) + sqrt(1 - correlation) (own - mean).

    Let `common` and each channel's `own` be independent, with the same mean and variance. Then the result has this mean
    and variance too, and `correlation` is the correlation of two channels' results. At 1 the result is `common`, bit
    for bit.
    """
    of_common, of_own = np.sqrt(correlation), np.sqrt(1.0 - correlation)
    return of_common * common + of_own * own + (1.0 - of_common - of_own) * mean
