"""The two correlations between promotions and ads: the world has those of its config, and nothing else moves."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulation.calibration import calibrate, rehearse
from simulation.channels import channel_part
from simulation.config import SimulationConfig
from simulation.effects import RATES, TERMS
from simulation.response import logits_of, probabilities_of, terms_of
from simulation.world import World, draw_world


def _world(show: float, user: float, users: int = 80, shows: int = 60) -> World:
    return draw_world(
        SimulationConfig(preset="tiny", seed=4, users=users, shows=shows, show_correlation=show, user_correlation=user)
    )


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The correlation over rows, all columns together."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


@pytest.mark.parametrize(("show", "user"), [(0.8, 0.6), (0.3, 0.9), (0.0, 0.0), (1.0, 1.0)])
def test_the_world_has_the_correlations_of_its_config(show: float, user: float) -> None:
    world = _world(show, user, users=20_000, shows=20_000)
    error = 0.03  # four standard errors of a correlation of 20,000 pairs
    assert _correlation(*world.channels.quality) == pytest.approx(show, abs=error)
    assert _correlation(*world.channels.latent) == pytest.approx(show, abs=error)
    assert _correlation(*world.users.openness.T) == pytest.approx(user, abs=error)
    # A user's affinities for all shows: what a response depends on.
    shows = np.arange(20_000)
    affinity = [world.affinity_in_channel(np.full(20_000, 5), shows, np.full(20_000, is_ad)) for is_ad in (False, True)]
    assert _correlation(*affinity) == pytest.approx(show, abs=error)
    # What a show is by itself, as in organic listening, is as close to each channel as the square root says.
    for quality, latent in zip(world.channels.quality, world.channels.latent, strict=True):
        assert _correlation(world.shows.quality, quality) == pytest.approx(np.sqrt(show), abs=error)
        assert _correlation(world.shows.latent, latent) == pytest.approx(np.sqrt(show), abs=error)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8])
def test_a_channel_spreads_as_the_shows_do(correlation: float) -> None:
    world = _world(correlation, correlation, users=20_000, shows=20_000)
    common = world.shows.latent
    for quality, latent in zip(world.channels.quality, world.channels.latent, strict=True):
        assert quality.std() == pytest.approx(1.0, abs=0.03)
        np.testing.assert_allclose(latent.mean(axis=0), common.mean(axis=0), atol=0.01)
        np.testing.assert_allclose(np.cov(latent.T), np.cov(common.T), atol=0.01)
    np.testing.assert_allclose(world.users.openness.std(axis=0), 1.0, atol=0.03)


@given(common=st.floats(-9, 9), own=st.floats(-9, 9), mean=st.floats(-9, 9), correlation=st.floats(0, 1))
def test_a_share_is_common_at_1_own_at_0_and_keeps_the_mean(
    common: float, own: float, mean: float, correlation: float
) -> None:
    a, b = np.array([common]), np.array([own])
    assert channel_part(a, b, 1.0, mean)[0] == common
    assert channel_part(a, b, 0.0, mean)[0] == own
    same = np.array([mean])
    assert channel_part(same, same, correlation, mean)[0] == pytest.approx(mean, abs=1e-9)


def test_a_share_by_hand() -> None:
    # 1 + 0.8 (3 - 1) + 0.6 (2 - 1)
    assert channel_part(np.array([3.0]), np.array([2.0]), 0.64, 1.0)[0] == pytest.approx(3.2)


def test_channels_that_share_everything_are_the_shows() -> None:
    world = _world(1.0, 1.0)
    for quality, latent in zip(world.channels.quality, world.channels.latent, strict=True):
        np.testing.assert_array_equal(quality, world.shows.quality)
        np.testing.assert_array_equal(latent, world.shows.latent)
    np.testing.assert_array_equal(*world.users.openness.T)


def test_nothing_else_moves_with_the_correlations() -> None:
    a, b = _world(1.0, 0.5), _world(0.2, 0.9)
    for part in ("shows", "users", "episodes", "promotions", "ads"):
        for field in fields(getattr(a, part)):
            if (part, field.name) != ("users", "openness"):
                of_a, of_b = getattr(getattr(a, part), field.name), getattr(getattr(b, part), field.name)
                np.testing.assert_array_equal(of_a, of_b, err_msg=f"{part}.{field.name}")
    first, other = rehearse(a)[0], rehearse(b)[0]  # the first day's impressions, before any response
    for field in fields(first):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(other, field.name), err_msg=field.name)


def test_responses_read_what_a_show_is_in_the_channel() -> None:
    world = _world(0.2, 0.2)
    shown = rehearse(world)[0]
    n = len(shown)
    terms = terms_of(world, shown, np.zeros(n, np.int64), np.zeros(n, bool), np.zeros(n))
    column = {term: terms[:, index] for index, term in enumerate(TERMS)}
    for source, is_ad in enumerate((False, True)):
        rows = np.flatnonzero(shown.is_ad == is_ad)
        user, show = shown.user[rows], shown.show[rows]
        np.testing.assert_array_equal(column["quality"][rows], world.channels.quality[source, show])
        np.testing.assert_array_equal(column["openness"][rows], world.users.openness[user, source])
        products = np.einsum("nd,nd->n", world.users.interests[user], world.channels.latent[source, show])
        expected = (products - world.affinity_mean) / world.affinity_scale
        np.testing.assert_allclose(column["affinity"][rows], expected, rtol=1e-4, atol=1e-4)


def test_base_rates_do_not_move_with_the_correlations() -> None:
    for show, user in ((0.0, 0.0), (0.8, 0.6), (1.0, 1.0)):
        world = _world(show, user, users=400, shows=200)
        shown, terms = rehearse(world)
        p = probabilities_of(logits_of(shown, terms, calibrate(world)))
        for is_ad in (False, True):
            np.testing.assert_allclose(p[shown.is_ad == is_ad].mean(axis=0), RATES[int(is_ad)], rtol=1e-9)
