"""Which raw columns the features need, beside those of the contract, and how a feature's value is made of a column."""

import polars as pl
import pyarrow as pa

from logs.casting import FLOATS, LABEL, NUMBER
from logs.errors import LogError
from logs.schema import STRINGS, TABLES, Column
from transforms.feature import Feature

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
    "show_age_days": "numeric",
    "show_hours_30d": "numeric",
    "show_streams_30d": "numeric",
    "show_followers_30d": "numeric",
    "episode_age_hours": "numeric",
    "episode_minutes": "numeric",
    "hour": "category",
    "weekday": "category",
}
"""What ingestion computes, by the name after `derived.`, with its kind."""

_NEEDED = {
    "shows": ("shows.genres", "shows.release_date"),
    "episodes": ("episodes.release_timestamp", "episodes.duration_ms"),
}
"""What derived columns are made of, whichever features there are."""

_TYPE_OF_KIND = {"numeric": NUMBER, "category": LABEL, "hashed": LABEL, "categories": STRINGS, "vector": FLOATS}


def columns_of(features: tuple[Feature, ...]) -> dict[str, tuple[Column, ...]]:
    """The columns to read of each table: the contract's, then the extra ones that features name, which may be null.

    Raises:
        LogError: if a feature names an unknown derived column, or a column whose type its kind cannot have.
    """
    columns = {name: {column.name: column for column in table.columns} for name, table in TABLES.items()}
    problems = []
    reader: dict[str, Feature] = {}  # the first feature that names an extra column, which says how the column is read
    for feature in features:
        table, name = feature.column.split(".")
        wanted = _TYPE_OF_KIND[feature.kind]
        if table == "derived":
            problems += _derived_problem(feature, name)
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
    if problems:
        raise LogError("; ".join(problems))
    return {name: tuple(by_name.values()) for name, by_name in columns.items()}


def named_columns(features: tuple[Feature, ...], table: str) -> tuple[str, ...]:
    """The full names (`users.language`) of the columns of `table` that ingestion's result is made of, each once."""
    needed = (*_NEEDED.get(table, ()), *(feature.column for feature in features))
    return tuple(dict.fromkeys(name for name in needed if name.startswith(f"{table}.")))


def value_of(feature: Feature) -> pl.Expr:
    """The feature's values from the column of the feature's `column` name; null where missing.

    Numbers that are not finite are missing; of categories nulls are left out and the first `length` are kept.
    """
    column = pl.col(feature.column)
    if feature.kind == "numeric":
        number = column.cast(pl.Float32)
        return pl.when(number.is_finite()).then(number).alias(feature.name)
    if feature.kind == "categories":
        return column.list.drop_nulls().list.head(feature.length).alias(feature.name)
    if feature.kind == "vector":
        return column.cast(pl.List(pl.Float32)).alias(feature.name)
    return column.cast(pl.String).alias(feature.name)


def _derived_problem(feature: Feature, name: str) -> list[str]:
    if name not in DERIVED:
        return [f"feature {feature.name}: no derived column {name!r}; valid ones are {', '.join(DERIVED)}"]
    if (feature.kind == "numeric") != (DERIVED[name] == "numeric") or feature.kind in ("categories", "vector"):
        return [f"feature {feature.name}: derived.{name} is {DERIVED[name]}, not {feature.kind}"]
    return []


def _fits(type_: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column read as `type_` can be a feature that wants `wanted`."""
    if wanted == LABEL:
        return type_ in (LABEL, pa.string(), pa.int64())
    return type_ == wanted or (wanted == NUMBER and type_ == pa.int64())
