"""IPS, SNIPS, and DR by hand, and their laws in simulation: unbiased, and intervals that hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.ab.off_policy.estimators import change, doubly_robust, ips, quotient, ratio, snips

_USER = np.array([0, 0, 1, 2, 2])
_WEIGHT = np.array([2.0, 0.0, 0.5, 1.0, 1.5])
_REWARD = np.array([1.0, 1.0, 0.0, 0.0, 1.0])
_EXPECTED = np.array([0.4, 0.2, 0.1, 0.3, 0.5])
_PREDICTED = np.array([0.5, 0.1, 0.2, 0.4, 0.6])


def test_five_decisions_by_hand() -> None:
    assert ips(_WEIGHT, _REWARD, _USER).value == pytest.approx((2.0 + 1.5) / 5)
    assert snips(_WEIGHT, _REWARD, _USER).value == pytest.approx((2.0 + 1.5) / (2.0 + 0.5 + 1.0 + 1.5))
    corrections = [2.0 * 0.5, 0.0, 0.5 * -0.2, 1.0 * -0.4, 1.5 * 0.4]
    by_hand = np.mean(_EXPECTED + corrections)
    assert doubly_robust(_WEIGHT, _REWARD, _USER, _EXPECTED, _PREDICTED).value == pytest.approx(by_hand)


def test_the_error_counts_users_by_hand() -> None:
    """User 0 earns 2.0 in two decisions, user 1 nothing in one, user 2 1.5 in two; 0.7 for each was expected."""
    moves = np.array([2.0 - 1.4, 0.0 - 0.7, 1.5 - 1.4]) / 5
    estimate = ips(_WEIGHT, _REWARD, _USER)
    np.testing.assert_allclose(estimate.influence, moves)
    assert estimate.error == pytest.approx(np.sqrt(np.sum(moves**2) * 3 / 2))
    low, high = estimate.interval
    assert (low + high) / 2 == pytest.approx(0.7)
    assert high - low == pytest.approx(2 * 1.959964 * estimate.error)


def test_the_policy_of_the_logs_earns_what_the_logs_say() -> None:
    """With weights of 1, IPS and SNIPS are the plain mean, and nothing changes."""
    ones = np.ones(5)
    plain = ratio(_REWARD, ones, _USER)
    assert ips(ones, _REWARD, _USER).value == snips(ones, _REWARD, _USER).value == plain.value == pytest.approx(0.6)
    assert change(ips(ones, _REWARD, _USER), plain) == (0.0, 0.0, 0.0)


def test_a_change_without_a_positive_figure_is_none() -> None:
    zero = ratio(np.zeros(5), np.ones(5), _USER)
    assert np.isnan(change(zero, ratio(_REWARD, np.ones(5), _USER))).all()
    assert np.isnan(ratio(_REWARD, np.zeros(5), _USER).value)


@given(st.integers(0, 10_000))
def test_snips_shifts_with_the_reward_and_a_quotient_undoes_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight, reward, user = rng.exponential(size=40), rng.random(40), rng.integers(0, 9, 40)
    moved = snips(weight, reward + 3.0, user)
    plain = snips(weight, reward, user)
    assert moved.value == pytest.approx(plain.value + 3.0)
    np.testing.assert_allclose(moved.influence, plain.influence, atol=1e-12)
    one = quotient(plain, plain)
    assert one.value == pytest.approx(1.0)
    np.testing.assert_allclose(one.influence, 0.0, atol=1e-12)


def test_with_a_perfect_model_rewards_add_no_variance() -> None:
    """Where the model knows each reward, DR is the model's own mean, whatever the weights are."""
    rng = np.random.default_rng(0)
    rewards = rng.random((200, 3))
    target = rng.dirichlet([1.0, 1.0, 1.0], 200)
    chosen = rng.integers(0, 3, 200)
    at = np.arange(200), chosen
    expected = np.sum(target * rewards, axis=1)
    user = np.repeat(np.arange(100), 2)
    robust = doubly_robust(3 * target[at], rewards[at], user, expected, rewards[at])
    plain = ratio(expected, np.ones(200), user)
    assert robust.value == pytest.approx(plain.value)
    np.testing.assert_allclose(robust.influence, plain.influence, atol=1e-12)
    assert robust.error < ips(3 * target[at], rewards[at], user).error / 2


_RATES = np.array([0.1, 0.3, 0.6])
_LOGGING = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]])
_TARGET = np.array([0.1, 0.3, 0.6])
_USERS, _EACH, _TIMES = 300, 4, 400


def _logs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, rewards, and what was chosen; a user likes all or little, and the logging policy knows it.

    The truth: users of kind 1 stream at `_RATES`, those of kind 0 at half of them, so 0.75 * (0.01 + 0.09 + 0.36).
    """
    kind = np.repeat(rng.random(_USERS) < 0.5, _EACH).astype(int)
    chosen = np.argmax(np.cumsum(_LOGGING[kind], axis=1) > rng.random(len(kind))[:, None], axis=1)
    reward = rng.random(len(kind)) < _RATES[chosen] * np.where(kind == 1, 1.0, 0.5)
    weight = _TARGET[chosen] / _LOGGING[kind, chosen]
    return weight, reward.astype(float), chosen


def test_estimates_are_unbiased_and_intervals_hold_the_truth_in_95_of_100() -> None:
    rng, truth = np.random.default_rng(7), 0.75 * float(_TARGET @ _RATES)
    user, model = np.repeat(np.arange(_USERS), _EACH), 0.8 * _RATES  # wrong for everybody; DR does not mind
    values, held = np.zeros((_TIMES, 3)), np.zeros((_TIMES, 3), bool)
    for time in range(_TIMES):
        weight, reward, chosen = _logs(rng)
        predicted = model[chosen]
        expected = np.full(len(weight), _TARGET @ model)
        for place, estimate in enumerate(
            (ips(weight, reward, user), snips(weight, reward, user),
             doubly_robust(weight, reward, user, expected, predicted))
        ):  # fmt: skip
            low, high = estimate.interval
            values[time, place], held[time, place] = estimate.value, low <= truth <= high
    errors = values.std(axis=0) / np.sqrt(_TIMES)
    assert (np.abs(values.mean(axis=0) - truth) < 3.5 * errors).all()
    assert (np.abs(held.mean(axis=0) - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / _TIMES)).all()
    assert values[:, 2].std() < values[:, 0].std(), "even a model that is 20 % off makes DR better than IPS"
