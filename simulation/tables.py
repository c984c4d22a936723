"""The world as tables of the raw-log contract (logs.schema)."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from logs.schema import STRINGS, TABLES, TIMESTAMP
from simulation.arrays import Ints
from simulation.arrow import ids, pick, vectors, whole
from simulation.clock import day_date, numbers_of_day, origin_us
from simulation.events import NONE, Events
from simulation.impressions import Impressions
from simulation.names import AGES, DEVICES, GENRE_OF, KINDS, LANGUAGES, MARKETS, SOURCES, TOPICS
from simulation.placements import FORMATS, PLACEMENTS
from simulation.world import World

_LISTED_FROM = 0.15
"""The smallest weight with which a show lists a topic."""


@dataclass(frozen=True)
class Names:
    """The ids of everything, in the order of their indices."""

    users: pa.Array
    shows: pa.Array
    episodes: pa.Array
    publishers: pa.Array
    promotions: pa.Array
    ads: pa.Array
    creatives: pa.Array


def names_of(world: World) -> Names:
    """The ids of everything in the world."""

    def numbered(prefix: str, count: int) -> pa.Array:
        return ids(prefix, np.arange(count), 7)

    return Names(
        numbered("user-", world.config.users),
        numbered("show-", world.config.shows),
        numbered("episode-", len(world.episodes.show)),
        numbered("publisher-", int(world.shows.publisher.max()) + 1),
        numbered("promotion-", len(world.promotions.show)),
        numbered("ad-", len(world.ads.show)),
        numbered("creative-", len(world.ads.creative_format)),
    )


def impression_ids(numbers: Ints) -> pa.Array:
    """Ids of impressions by their numbers."""
    return ids("i", numbers, 13)


def impressions_table(world: World, names: Names, shown: Impressions, day: int) -> pa.Table:
    """A day's `impressions`."""
    is_ad = shown.is_ad
    campaign = np.where(is_ad, len(names.promotions), 0) + shown.campaign
    ads = world.ads
    columns = {
        "impression_id": impression_ids(numbers_of_day(day, len(shown))),
        "timestamp": _times(world, shown.time_us),
        "source": pick(pa.array(SOURCES), np.where(is_ad, SOURCES.index("ad"), SOURCES.index("promotion"))),
        "user_id": pick(names.users, shown.user),
        "show_id": pick(names.shows, shown.show),
        "episode_id": pick(names.episodes, shown.episode),
        "surface": pick(pa.array([placement.surface for placement in PLACEMENTS]), shown.placement),
        "slot": pick(pa.array([placement.slot for placement in PLACEMENTS]), shown.placement),
        "layout": pick(pa.array([placement.layout for placement in PLACEMENTS]), shown.placement),
        "device": pick(pa.array(list(DEVICES)), shown.device),
        "market": pick(pa.array([market.name for market in MARKETS]), world.users.market[shown.user]),
        "session_position": whole(shown.position),
        "campaign_id": pick(pa.concat_arrays([names.promotions, names.ads]), campaign),
        "creative_id": pick(names.creatives, np.where(is_ad, shown.creative, NONE)),
        "creative_format": pick(pa.array(FORMATS), np.where(is_ad, ads.creative_format[shown.creative], NONE)),
        "spend_micros": whole(np.where(is_ad, shown.spend_micros, NONE)),
    }
    return pa.table(columns, schema=TABLES["impressions"].schema)


def interactions_table(world: World, names: Names, actions: Events, day: int) -> pa.Table:
    """A day's `interactions`."""
    columns = {
        "interaction_id": ids("x", numbers_of_day(day, len(actions)), 13),
        "timestamp": _times(world, actions.time_us),
        "user_id": pick(names.users, actions.user),
        "show_id": pick(names.shows, actions.show),
        "episode_id": pick(names.episodes, actions.episode),
        "kind": pick(pa.array(KINDS), actions.kind),
        "listened_ms": whole(actions.listened_ms),
        "impression_id": impression_ids(actions.impression),
    }
    return pa.table(columns, schema=TABLES["interactions"].schema)


def users_table(world: World, names: Names, day: int) -> pa.Table:
    """The `users` snapshot of a day: all users who have joined."""
    users = world.users
    here = np.flatnonzero(users.joined <= day)
    columns = {
        "user_id": pick(names.users, here),
        "market": pick(pa.array([market.name for market in MARKETS]), users.market[here]),
        "language": pick(pa.array(LANGUAGES), users.language[here]),
        "age_bucket": pick(pa.array(list(AGES)), users.age[here]),
        "product": pick(pa.array(["premium", "free"]), users.free[here].astype(np.int64)),
        "account_age_days": pa.array(day - users.joined[here], pa.int64()),
    }
    return pa.table(columns, schema=TABLES["users"].schema)


def all_shows_table(world: World, names: Names) -> pa.Table:
    """All shows as rows of `shows`; the snapshot of a day takes the released ones."""
    shows = world.shows
    listed = [
        [TOPICS[topic] for topic in dict.fromkeys(row[weights >= _LISTED_FROM])]
        for row, weights in zip(shows.topics, shows.topic_weights, strict=True)
    ]
    genre = dict(zip(TOPICS, GENRE_OF, strict=True))
    columns = {
        "show_id": names.shows,
        "publisher": pick(names.publishers, shows.publisher),
        "language": pick(pa.array(LANGUAGES), shows.language),
        "genres": pa.array([list(dict.fromkeys(genre[topic] for topic in topics)) for topics in listed], STRINGS),
        "topics": pa.array(listed, STRINGS),
        "release_date": pa.array([day_date(world.config, int(day)) for day in shows.released], pa.date32()),
        "embedding": vectors(shows.embedding),
    }
    return pa.table(columns, schema=TABLES["shows"].schema)


def shows_table(world: World, all_shows: pa.Table, day: int) -> pa.Table:
    """The `shows` snapshot of a day: all released shows."""
    return all_shows.take(pa.array(np.flatnonzero(world.shows.alive(day))))


def episodes_table(world: World, names: Names) -> pa.Table:
    """`episodes`: all episodes released by the end of the logs."""
    episodes = world.episodes
    columns = {
        "episode_id": names.episodes,
        "show_id": pick(names.shows, episodes.show),
        "release_timestamp": _times(world, episodes.released_us),
        "duration_ms": whole(episodes.duration_ms),
    }
    return pa.table(columns, schema=TABLES["episodes"].schema)


def _times(world: World, time_us: Ints) -> pa.Array:
    return pa.array(time_us + origin_us(world.config), pa.int64()).cast(TIMESTAMP)
