"""The columns of an impression that come from its user: history, response history, recency, and taste."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.compute.buckets import encode, pairs
from components.ingestion.compute.event_windows import EventWindows
from components.ingestion.compute.history import user_history
from components.ingestion.compute.recency import recency
from components.ingestion.compute.response_counts import CountColumns, counts_of_user
from components.ingestion.compute.responses import Responses
from components.ingestion.compute.snapshots import latest
from components.ingestion.compute.taste import Streamed, taste
from logs.columns import KindCount, entities_of, kind_counts_of, needs_embeddings, needs_recent_shows
from logs.times import DAY_US
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.responses import Entity


@dataclass(frozen=True)
class Bucket:
    """The events of a bucket of users, and the shows that they name.

    Attributes:
        impressions: clean rows with `user`, `show` and `pair`, small integers.
        interactions: the same; `show` and `pair` are -1 without a show.
        shows: the ids that `show` numbers.
        genres: show, day and genre numbers, as `components.ingestion.steps.shows.write_genres` has them.
        embeddings: show, day and embedding, as `components.ingestion.steps.embeddings.write_embeddings` has them.
    """

    impressions: pl.DataFrame
    interactions: pl.DataFrame
    shows: pl.Series
    genres: pl.DataFrame
    embeddings: pl.DataFrame

    @classmethod
    def of(
        cls, impressions: pl.DataFrame, interactions: pl.DataFrame, genres: pl.DataFrame, embeddings: pl.DataFrame
    ) -> "Bucket":
        """Numbers the users and shows of clean rows; `genres` and `embeddings` have a show_id."""
        (user, acting), _ = encode(impressions["user_id"], interactions["user_id"])
        (show, acted, with_genres, embedded), shows = encode(
            impressions["show_id"], interactions["show_id"], genres["show_id"], embeddings["show_id"]
        )
        shown_pair, acted_pair = pairs((user, show), (acting, acted), len(shows))
        return cls(
            impressions.with_columns(user=pl.Series(user), show=pl.Series(show), pair=pl.Series(shown_pair)),
            interactions.with_columns(user=pl.Series(acting), show=pl.Series(acted), pair=pl.Series(acted_pair)),
            shows,
            genres.with_columns(show=pl.Series(with_genres)),
            embeddings.with_columns(show=pl.Series(embedded)),
        )

    def in_order(self, impressions: np.ndarray) -> np.ndarray:
        """Positions of impressions by user and time: neighbours have similar windows, so searches are fast."""
        user, timestamp = (self.impressions[name].to_numpy()[impressions] for name in ("user", "timestamp"))
        return impressions[np.lexsort((timestamp, user))]


@dataclass(frozen=True)
class UserNeeds:
    """The columns of the user, beside history, that features need.

    Attributes:
        counts: counts of interactions by kind.
        entities: entities with response history.
        taste: whether a feature is made of taste, similarity, or recent shows.
    """

    counts: tuple[KindCount, ...]
    entities: tuple[Entity, ...]
    taste: bool

    @classmethod
    def of(cls, features: tuple[Feature, ...], domain: Domain) -> "UserNeeds":
        """The needs of `features`."""
        return cls(
            kind_counts_of(features, domain),
            entities_of(features, domain),
            needs_recent_shows(features) or needs_embeddings(features),
        )


def user_columns(
    bucket: Bucket, wanted: np.ndarray, responses: Responses, needs: UserNeeds, domain: Domain
) -> pl.DataFrame:
    """One row for each of the impressions at the positions `wanted`: `derived.*`, and counts of the user's entities.

    The counts of an entity are named `<entity>.<name of CountColumns>`; null where the impression has no such entity.
    """
    impressions = bucket.impressions
    user = impressions["user"].to_numpy()
    interactions = bucket.interactions.filter(pl.col("user").is_in(np.unique(user[wanted])))
    windows = EventWindows(impressions, interactions, wanted, domain)
    parts = [
        _history(bucket, interactions, windows, needs.counts),
        recency(windows, user, responses),
        *_counts(impressions, windows, responses, needs.entities, domain),
    ]
    if needs.taste:
        parts.append(_taste(bucket, interactions, windows))
    return pl.concat(parts, how="horizontal")


def _history(
    bucket: Bucket, interactions: pl.DataFrame, windows: EventWindows, counts: tuple[KindCount, ...]
) -> pl.DataFrame:
    candidates, streams = _as_of(bucket, interactions, windows, bucket.genres)
    return user_history(windows, bucket.impressions, interactions, bucket.genres, candidates, streams, counts)


def _counts(
    impressions: pl.DataFrame,
    windows: EventWindows,
    responses: Responses,
    entities: tuple[Entity, ...],
    domain: Domain,
) -> list[pl.DataFrame]:
    columns = CountColumns.of(domain)
    source = impressions["source_code"].to_numpy()
    frames = []
    for entity in entities:
        if entity.of_user:
            key = _key(impressions, entity)
            shown = {"user": windows.shown_to_user, "user_show": windows.shown_of_pair}.get(entity.name)
            values = counts_of_user(windows, key, shown or windows.shown(key), source, responses, columns)
            names = [f"{entity.name}.{name}" for name in columns.names]
            frame = pl.DataFrame(values, schema=dict.fromkeys(names, pl.Int32), orient="row")
            frames.append(frame.select(pl.when(pl.Series(key[windows.wanted] >= 0)).then(pl.all())))
    return frames


def _key(impressions: pl.DataFrame, entity: Entity) -> np.ndarray:
    """The number of the user, of the user and the show, or of the user and the surface; -1 without a surface."""
    if entity.name == "user_surface":
        (surface,), names = encode(impressions["surface"])
        return np.where(surface < 0, -1, impressions["user"].to_numpy() * len(names) + surface)
    return impressions["pair" if entity.name == "user_show" else "user"].to_numpy()


def _taste(bucket: Bucket, interactions: pl.DataFrame, windows: EventWindows) -> pl.DataFrame:
    streams = interactions.select("user", "show", "listened_ms")[windows.streams]
    candidates, embedded = _as_of(bucket, interactions, windows, bucket.embeddings)
    lists = bucket.embeddings["embedding"]
    has_one = lists.is_not_null().to_numpy()
    streamed = Streamed(
        user=streams["user"].to_numpy(),
        show=streams["show"].to_numpy(),
        listened_ms=streams["listened_ms"].fill_null(0).to_numpy(),
        embedded_at=_where(embedded, has_one),
        names=bucket.shows,
    )
    length = int(lists.list.len().max() or 0)  # type: ignore[arg-type]
    embeddings = np.zeros((len(lists), length), np.float32)
    embeddings[has_one] = lists.drop_nulls().explode().to_numpy().reshape(-1, length) if length else 0
    return taste(windows, bucket.impressions["user"].to_numpy(), streamed, embeddings, _where(candidates, has_one))


def _as_of(
    bucket: Bucket, interactions: pl.DataFrame, windows: EventWindows, snapshots: pl.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """The latest row of `snapshots`, -1 without one: for each wanted impression's show, and for each stream's."""
    show, day = snapshots["show"].to_numpy(), snapshots["day"].to_numpy()
    shown, streams = bucket.impressions[windows.wanted], interactions[windows.streams]
    candidates, streamed = (
        latest(show, day, rows["show"].to_numpy(), rows["timestamp"].to_numpy() // DAY_US)
        for rows in (shown.select("show", "timestamp"), streams.select("show", "timestamp"))
    )
    return candidates, streamed


def _where(rows: np.ndarray, present: np.ndarray) -> np.ndarray:
    """`rows`, -1 where the row is not present."""
    return np.where((rows >= 0) & np.append(present, False)[rows], rows, -1)
