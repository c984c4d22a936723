"""The world: everything drawn once, before the first day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints, blocks
from simulation.campaigns import Ads, Promotions, draw_ads, draw_promotions
from simulation.channels import Channels, draw_channels
from simulation.config import SimulationConfig
from simulation.episodes import Episodes, draw_episodes
from simulation.randomness import Purpose, generator
from simulation.shows import Shows, draw_shows
from simulation.topics import DIMENSIONS, draw_topics
from simulation.users import Users, draw_users

_PAIRS_FOR_SCALE = 20_000


@dataclass(frozen=True)
class World:
    """Everything that stays the same from day to day.

    Attributes:
        affinity_mean, affinity_scale: mean and standard deviation of inner products of interests and latents, over
            random users and shows. They express affinity in standard deviations.
    """

    config: SimulationConfig
    users: Users
    shows: Shows
    channels: Channels
    episodes: Episodes
    promotions: Promotions
    ads: Ads
    affinity_mean: float
    affinity_scale: float

    def affinity(self, user: Ints, show: Ints) -> NDArray[np.float32]:
        """Affinity of users for shows when they choose themselves; [n], [n] or [n, k] -> the shape of `show`."""
        return self._scaled(self.users.interests, self.shows.latent, user, show)

    def affinity_in_channel(self, user: Ints, show: Ints, is_ad: Bools) -> NDArray[np.float32]:
        """Affinity of users for shows as promotions and as ads; [n], [n], [n] -> [n]."""
        of_shows = self.channels.latent.reshape(-1, DIMENSIONS)
        return self._scaled(self.users.interests, of_shows, user, is_ad * self.config.shows + show)

    def estimated_affinity(self, user: Ints, show: Ints) -> NDArray[np.float32]:
        """The existing policy's estimate of the affinity, from its estimate of the user and the show's embedding."""
        return self._scaled(self.users.estimate, self.shows.embedding, user, show)

    def _scaled(self, of_users: Floats, of_shows: Floats, user: Ints, show: Ints) -> NDArray[np.float32]:
        return ((_dots(of_users, of_shows, user, show) - self.affinity_mean) / self.affinity_scale).astype(np.float32)


def draw_world(config: SimulationConfig) -> World:
    """Draws the world; the same config gives the same world."""
    seed = config.seed
    space = draw_topics(generator(seed, Purpose.TOPICS))
    users = draw_users(generator(seed, Purpose.USERS), config, space)
    shows = draw_shows(generator(seed, Purpose.SHOWS), config, space)
    channels = draw_channels(config, space, shows)
    rng = generator(seed, Purpose.TOPICS, 1)
    pairs = rng.integers(0, config.users, _PAIRS_FOR_SCALE), rng.integers(0, config.shows, _PAIRS_FOR_SCALE)
    products = _dots(users.interests, shows.latent, *pairs).astype(np.float64)
    return World(
        config,
        users,
        shows,
        channels,
        draw_episodes(generator(seed, Purpose.EPISODES), config, shows),
        draw_promotions(generator(seed, Purpose.PROMOTION_CAMPAIGNS), config, shows),
        draw_ads(generator(seed, Purpose.AD_CAMPAIGNS), config, shows),
        float(products.mean()),
        float(products.std()),
    )


def _dots(of_users: Floats, of_shows: Floats, user: Ints, show: Ints) -> Floats:
    """Inner products of rows, without BLAS, because its sums depend on the number of threads."""
    products = np.empty(show.shape, np.float32)
    for rows in blocks(len(user)):
        products[rows] = np.einsum("nd,n...d->n...", of_users[user[rows]], of_shows[show[rows]])
    return products
