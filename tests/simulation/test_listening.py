"""Organic actions, reactions and the order of events."""

import numpy as np

from logs.times import DAY_US
from simulation.clock import SECOND_US, draw_times, local_hours, numbers_of_day
from simulation.config import SimulationConfig
from simulation.events import CLICK, FOLLOW, LIKE, NONE, SEARCH, STREAM, concat, events, of_day
from simulation.impressions import show_impressions
from simulation.listening import listen
from simulation.names import MARKETS
from simulation.reactions import react
from simulation.state import first_state
from simulation.world import World, draw_world


def _world(**sizes: int) -> World:
    return draw_world(
        SimulationConfig(preset="tiny", seed=0, **({"users": 300, "shows": 80, "warmup_days": 3} | sizes))
    )


def test_of_day_splits_and_orders() -> None:
    times = np.array([DAY_US + 5, 2 * DAY_US, DAY_US, 2 * DAY_US - 1])
    now, later = of_day(events(CLICK, times, np.arange(4), np.arange(4)), 1)
    assert now.user.tolist() == [2, 0, 3]
    assert later.user.tolist() == [1]


def test_organic_actions_name_no_impression_and_shows_that_are_out() -> None:
    world = _world()
    actions = listen(world, first_state(world), np.random.default_rng(0), 2)
    assert (actions.impression == NONE).all()
    named = actions.show != NONE
    assert (actions.kind[~named] == SEARCH).all()
    assert world.shows.alive(2)[actions.show[named]].all()
    assert (world.users.joined[actions.user] <= 2).all()
    streams = actions.take(actions.kind == STREAM)
    assert (streams.time_us // DAY_US == 2).all()
    assert (actions.time_us >= 2 * DAY_US).all()
    assert (streams.listened_ms <= np.maximum(world.episodes.duration_ms[streams.episode], 60_000)).all()


def test_follows_come_after_their_stream_and_fill_libraries() -> None:
    world = _world(users=2_000)
    state = first_state(world)
    actions = listen(world, state, np.random.default_rng(0), 0)
    follows = actions.take(actions.kind == FOLLOW)
    streams = actions.take(actions.kind == STREAM)
    assert len(follows) > 20
    assert state.familiar(follows.user, follows.show).mean() > 0.9  # a second follow may take the slot
    first_end: dict[tuple[int, int], int] = {}
    for user, show, end in zip(streams.user, streams.show, streams.time_us + streams.listened_ms * 1_000, strict=True):
        first_end[user, show] = min(end, first_end.get((user, show), end))
    assert all(
        time >= first_end[user, show]
        for user, show, time in zip(follows.user, follows.show, follows.time_us, strict=True)
    )


def test_reactions_follow_their_impressions_one_for_each_outcome() -> None:
    world = _world()
    state = first_state(world)
    day = world.config.first_day
    shown = show_impressions(world, state, day)
    rng = np.random.default_rng(0)
    outcomes = rng.random((len(shown), 4)) < 0.5
    actions = react(world, state, rng, shown, day, outcomes)
    heard = actions.take((actions.kind != STREAM) | (actions.listened_ms >= 60_000))
    kinds = [STREAM, CLICK, LIKE, FOLLOW]
    assert [int((heard.kind == kind).sum()) for kind in kinds] == outcomes.sum(axis=0).tolist()
    named = actions.take(actions.impression != NONE)
    row = named.impression - numbers_of_day(day, 1)
    assert (named.user == shown.user[row]).all()
    assert (named.show == shown.show[row]).all()
    assert (named.time_us > shown.time_us[row]).all()
    assert outcomes[row, np.minimum(named.kind, 3)][named.listened_ms >= 60_000].all()


def test_streams_are_at_once_later_or_beyond_the_window() -> None:
    world = _world(users=1_000, impressions=60_000)
    state = first_state(world)
    day = world.config.first_day
    shown = show_impressions(world, state, day)
    outcomes = np.zeros((len(shown), 4), bool)
    outcomes[:, 0] = True
    streams = react(world, state, np.random.default_rng(0), shown, day, outcomes)
    delay = (streams.time_us - shown.time_us) / (3_600 * SECOND_US)
    assert 0.6 < (delay < 0.2).mean() < 0.75
    assert 0.02 < (delay > 24).mean() < 0.08
    assert delay.max() <= 72
    at_once = delay < 0.2
    assert (streams.impression[at_once] != NONE).mean() > 0.85
    assert (streams.impression[~at_once] != NONE).mean() < 0.15


def test_streams_are_of_the_episodes_that_are_out_on_the_day() -> None:
    """An impression without an episode leads to the show's newest episode, or to one of those just before it."""
    world = _world(users=1_000, impressions=60_000, warmup_days=30)
    day = world.config.first_day
    newest, newest_then = world.episodes.latest(day), world.episodes.latest(0)
    state = first_state(world)
    shown = show_impressions(world, state, day)
    shown = shown.take((shown.episode == NONE) & (newest[shown.show] > newest_then[shown.show]))
    assert len(shown) > 500
    outcomes = np.zeros((len(shown), 4), bool)
    outcomes[:, 0] = True
    streams = react(world, state, np.random.default_rng(0), shown, day, outcomes)
    assert (streams.episode <= newest[streams.show]).all()
    assert 0.45 < (streams.episode == newest[streams.show]).mean() < 0.55


def test_people_listen_in_their_own_hours() -> None:
    for code, _ in enumerate(MARKETS):
        markets = np.full(20_000, code)
        times = draw_times(np.random.default_rng(code), markets)
        assert times.min() >= 0
        assert times.max() < DAY_US
        hours = local_hours(times, markets)
        assert ((hours >= 17) & (hours < 19)).mean() > 4 * ((hours >= 2) & (hours < 4)).mean()


def test_concat_keeps_the_order() -> None:
    first, second = (events(CLICK, np.array([t]), np.array([t]), np.array([t])) for t in (1, 2))
    assert concat([first, second]).time_us.tolist() == [1, 2]
