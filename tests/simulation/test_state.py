"""The state that passes from day to day is bounded, so memory does not grow with the days."""

from dataclasses import fields

import numpy as np

from logs.times import DAY_US
from simulation.calibration import calibrate
from simulation.config import SimulationConfig
from simulation.day import live
from simulation.events import Events
from simulation.reactions import MOST_DELAY_US
from simulation.state import RECENT_DAYS, RECENT_SIZE, WorldState, first_state
from simulation.world import draw_world


def _array_bytes(state: WorldState) -> int:
    values = (getattr(state, field.name) for field in fields(state))
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))


def test_state_does_not_grow_with_the_days() -> None:
    config = SimulationConfig(preset="tiny", seed=0, users=80, shows=60, days=24, warmup_days=4, impressions=60_000)
    world = draw_world(config)
    state, intercepts = first_state(world), calibrate(world)
    sizes, held = [], []
    for day in range(config.end_day):
        live(world, state, intercepts, day)
        sizes.append(_array_bytes(state))
        held.append(len(state.held))
        latest = (day + 1) * DAY_US + MOST_DELAY_US + 5 * 3_600_000_000  # a follow comes after listening
        assert state.held.time_us.max(initial=0) < latest
    assert len(set(sizes)) == 1
    assert max(held[14:]) < 3 * max(held[4:14])


def test_a_day_needs_only_the_evening_before() -> None:
    """Two copies of a state live the same day alike: nothing else is remembered anywhere."""
    config = SimulationConfig(preset="tiny", seed=0, users=80, shows=60, days=3, warmup_days=2, impressions=900)
    world = draw_world(config)
    state, intercepts = first_state(world), calibrate(world)
    for day in range(3):
        live(world, state, intercepts, day)
    copy = WorldState(*(_copy(getattr(state, field.name)) for field in fields(state)))
    first, second = live(world, state, intercepts, 3), live(draw_world(config), copy, intercepts, 3)
    for field in fields(Events):
        np.testing.assert_array_equal(getattr(first.actions, field.name), getattr(second.actions, field.name))


def _copy(value: np.ndarray | Events) -> np.ndarray | Events:
    return value.copy() if isinstance(value, np.ndarray) else value


def _state(users: int) -> WorldState:
    config = SimulationConfig(
        preset="tiny", seed=0, users=max(users, 50), shows=60, days=1, warmup_days=0, impressions=100
    )
    return first_state(draw_world(config))


def test_times_shown_counts_the_last_days_only() -> None:
    state = _state(50)
    state.add_impressions(np.array([3, 3, 4]), np.array([7, 7, 7]), day=10)
    state.add_impressions(np.array([3, 3]), np.array([7, 8]), day=12)
    user, show = np.array([3, 3, 4, 4]), np.array([7, 8, 7, 8])
    assert state.times_shown(user, show, 13).tolist() == [3, 1, 1, 0]
    assert state.times_shown(user, show, 10 + RECENT_DAYS).tolist() == [3, 1, 1, 0]
    assert state.times_shown(user, show, 11 + RECENT_DAYS).tolist() == [1, 1, 0, 0]


def test_the_ring_keeps_the_latest() -> None:
    state = _state(50)
    shows = np.arange(RECENT_SIZE + 5)
    state.add_impressions(np.zeros(len(shows), np.int64), shows, day=1)
    assert sorted(state.recent_show[0].tolist()) == list(range(5, RECENT_SIZE + 5))
    state.add_impressions(np.zeros(2, np.int64), np.array([50, 51]), day=2)
    assert sorted(state.recent_show[0].tolist()) == [*range(7, RECENT_SIZE + 5), 50, 51]


def test_adopted_shows_become_familiar_and_known_ones_stay() -> None:
    state = _state(50)
    state.library[:] = np.arange(10)
    state.adopt(np.array([0, 1]), np.array([40, 3]), np.array([9, 9]))
    assert state.library[0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 40]
    assert state.library[1].tolist() == list(range(10))
    assert state.familiar(np.array([0, 1]), np.array([[40, 9], [40, 9]])).tolist() == [[True, False], [False, True]]
