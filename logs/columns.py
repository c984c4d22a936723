"""The raw columns that features need beside those of the contract, and the value of a feature from its column."""

from collections import Counter
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from logs.casting import LABEL, NUMBER
from logs.errors import LogError
from logs.schema import TABLES, Column
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.kinds import FEATURE_KINDS
from transforms.responses import ENTITIES, Entity

DERIVED = {
    "user_streams_30d": "numeric",
    "user_hours_30d": "numeric",
    "user_shows_30d": "numeric",
    "user_follows_30d": "numeric",
    "user_searches_30d": "numeric",
    "user_show_streams_30d": "numeric",
    "user_show_follows_30d": "numeric",
    "user_show_impressions_7d": "numeric",
    "user_genre_affinity": "numeric",
    "user_seconds_since_impression": "numeric",
    "user_show_seconds_since_impression": "numeric",
    "user_seconds_since_stream": "numeric",
    "user_show_seconds_since_stream": "numeric",
    "user_impressions_today": "numeric",
    "user_responses_30m": "numeric",
    "user_taste": "vector",
    "user_show_similarity": "numeric",
    "user_recent_shows": "hashed_list",
    "show_age_days": "numeric",
    "show_hours_30d": "numeric",
    "show_streams_30d": "numeric",
    "show_followers_30d": "numeric",
    "episode_age_hours": "numeric",
    "episode_minutes": "numeric",
    "hour": "category",
    "weekday": "category",
}
"""Columns that ingestion can compute for every domain: the name after `derived.`, and a kind that fits it."""

WHOLE_SOURCE = "show"
"""The entity that every impression has: its counts add up to those of the source."""

EMBEDDING = "shows.embedding"
_TASTE = "derived.user_taste"
_RECENT_SHOWS = "derived.user_recent_shows"
_SIMILARITY = "derived.user_show_similarity"

_NEEDED = {
    "shows": ("shows.genres", "shows.release_date"),
    "episodes": ("episodes.release_timestamp", "episodes.duration_ms"),
}
"""Columns that derived columns are made of, for every feature table."""


def entities_of(features: tuple[Feature, ...], domain: Domain) -> tuple[Entity, ...]:
    """The entities whose response history features need, in the order of `ENTITIES`; the show is always among them.

    The counts of all shows together are those of the whole source.
    """
    columns = {feature.column for feature in features}
    needed = {entity.name for entity in ENTITIES if any(f"derived.{name}" in columns for name in entity.names(domain))}
    return tuple(entity for entity in ENTITIES if needed and entity.name in (*needed, WHOLE_SOURCE))


def needs_recent_shows(features: tuple[Feature, ...]) -> bool:
    """Whether a feature is made of the shows that the user streamed last."""
    return any(feature.column == _RECENT_SHOWS for feature in features)


def needs_embeddings(features: tuple[Feature, ...]) -> bool:
    """Whether a feature is made of the embeddings of the shows that the user streamed."""
    return any(feature.column in (_TASTE, _SIMILARITY) for feature in features)


def embedding_length(features: tuple[Feature, ...]) -> int:
    """The length of the shows' embeddings, 0 if no feature has it."""
    return next((feature.length for feature in features if is_embedding(feature)), 0)


def is_embedding(feature: Feature) -> bool:
    """Whether the feature's vectors have the length of the shows' embeddings."""
    return vector_column(feature) == EMBEDDING


def vector_column(feature: Feature) -> str:
    """The column of the logs whose vectors must have the length of the feature."""
    return EMBEDDING if feature.column == _TASTE else feature.column


@dataclass(frozen=True)
class KindCount:
    """A derived column: how many interactions of one kind were known of the user in the 30 days before.

    Attributes:
        kind: the interaction kind.
        of_show: whether only interactions with the impression's own show count.
    """

    kind: str
    of_show: bool

    @property
    def name(self) -> str:
        """The column's name after `derived.`."""
        return f"user{'_show' if self.of_show else ''}_{self.kind}_count_30d"


def kind_counts(domain: Domain) -> tuple[KindCount, ...]:
    """The counts that features can name: two for each declared kind."""
    return tuple(KindCount(kind, of_show) for kind in domain.kinds for of_show in (False, True))


def kind_counts_of(features: tuple[Feature, ...], domain: Domain) -> tuple[KindCount, ...]:
    """The counts that at least one feature uses, each once."""
    columns = {feature.column for feature in features}
    return tuple(count for count in kind_counts(domain) if f"derived.{count.name}" in columns)


def columns_of(features: tuple[Feature, ...], domain: Domain) -> dict[str, tuple[Column, ...]]:
    """The columns to read of each table: those of the contract, then extra ones that features name (nullable).

    Raises:
        LogError: a feature names an unknown derived column, or a column whose type does not fit its kind.
    """
    derived = DERIVED | {count.name: "numeric" for count in kind_counts(domain)}
    derived |= {name: "numeric" for entity in ENTITIES for name in entity.names(domain)}
    columns = {name: {column.name: column for column in table.columns} for name, table in TABLES.items()}
    problems = []
    reader: dict[str, Feature] = {}  # the first feature that names an extra column decides its type
    for feature in features:
        table, name = feature.column.split(".")
        wanted = _type_of(feature)
        if table == "derived":
            problems += _derived_problem(feature, name, derived, domain)
        elif name not in columns[table]:
            columns[table][name] = Column(name, wanted, nullable=True)
            reader[feature.column] = feature
        elif not _fits(columns[table][name].type, wanted):
            first = reader.get(feature.column)
            problems.append(
                f"feature {feature.name}: {feature.column} is {columns[table][name].type}, which no {feature.kind} "
                "feature can be made of"
                if first is None
                else f"features {first.name} ({first.kind}) and {feature.name} ({feature.kind}) cannot both be made of "
                f"{feature.column}; give one of them a column of its own"
            )
    if needs_embeddings(features) and not embedding_length(features):
        problems.append(
            "user_show_similarity needs the length of the embeddings; keep user_taste or show_embedding, which have "
            "it, or leave out user_show_similarity, too"
        )
    if problems:
        raise LogError("; ".join(problems))
    return {name: tuple(by_name.values()) for name, by_name in columns.items()}


def named_columns(features: tuple[Feature, ...], table: str) -> tuple[str, ...]:
    """The full names (`users.language`) of the columns of `table` that ingestion needs for its result, each once."""
    needed = [*_NEEDED.get(table, ()), *(feature.column for feature in features)]
    if needs_embeddings(features):
        needed.append(EMBEDDING)
    return tuple(dict.fromkeys(name for name in needed if name.startswith(f"{table}.")))


def value_of(feature: Feature) -> pl.Expr:
    """The feature's values, from the column named `feature.column`; null where missing.

    Numbers that are not finite are missing. A list of categories loses its nulls and keeps its first `length` values.
    """
    column = pl.col(feature.column)
    if feature.storage.several == "ragged":
        return column.list.drop_nulls().list.head(feature.length).alias(feature.name)
    if feature.storage.several == "fixed":
        return column.cast(pl.List(pl.Float32)).alias(feature.name)
    if feature.storage.is_number:
        number = column.cast(pl.Float32)
        return pl.when(number.is_finite()).then(number).alias(feature.name)
    return column.cast(pl.String).alias(feature.name)


def _type_of(feature: Feature) -> pa.DataType:
    """The type in which a raw column is read for the feature: lists as they are stored, single values wider."""
    wider = {pa.float32(): NUMBER, pa.string(): LABEL}
    return wider.get(feature.storage.arrow, feature.storage.arrow)


def _derived_problem(feature: Feature, name: str, derived: dict[str, str], domain: Domain) -> list[str]:
    if name not in derived:
        return [f"feature {feature.name}: no derived column {name!r}; valid ones are {', '.join(derived)}"]
    if feature.storage.arrow != FEATURE_KINDS[derived[name]].arrow:
        return [f"feature {feature.name}: derived.{name} is {derived[name]}, not {feature.kind}"]
    if Counter(count.name for count in kind_counts(domain))[name] > 1:
        kinds = " or ".join(sorted({count.kind for count in kind_counts(domain) if count.name == name}))
        return [f"feature {feature.name}: derived.{name} could count {kinds}; rename one of these kinds"]
    return []


def _fits(type_: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column read as `type_` can be a feature that wants `wanted`."""
    if wanted == LABEL:
        return type_ in (LABEL, pa.string(), pa.int64())
    return type_ == wanted or (wanted == NUMBER and type_ == pa.int64())
