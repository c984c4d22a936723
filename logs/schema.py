"""The raw-log contract: every table, column, and type, declared once (docs/data.md).

Readers check and cast by it; the simulator and the adapters write by it.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

TableName = Literal["impressions", "interactions", "users", "shows", "episodes"]

TIMESTAMP = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())


@dataclass(frozen=True)
class Column:
    """One column of a table. Only `nullable` columns may hold nulls; none may be missing."""

    name: str
    type: pa.DataType
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the logs.

    Attributes:
        name: folder below the logs' root.
        columns: the required columns; more are allowed.
        id: the column that makes a row unique; snapshots are unique by id and date.
        keys: columns that every usable row has (quarantine reason `null_key`).
        daily: whether the table lies in `date=YYYY-MM-DD` folders.
        timestamp: the column whose UTC day is the day of the partition; None for snapshots.
    """

    name: TableName
    columns: tuple[Column, ...]
    id: str
    keys: tuple[str, ...]
    daily: bool = True
    timestamp: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The required columns as an Arrow schema."""
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])


def _strings(*names: str, nullable: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, pa.string(), nullable) for name in names)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "impressions",
            (
                *_strings("impression_id"),
                Column("timestamp", TIMESTAMP),
                *_strings("source", "user_id", "show_id"),
                *_strings("episode_id", nullable=True),
                *_strings("surface", "slot", "layout", "device", "market"),
                Column("session_position", pa.int64()),
                *_strings("campaign_id", "creative_id", "creative_format", nullable=True),
                Column("spend_micros", pa.int64(), nullable=True),
            ),
            id="impression_id",
            keys=("impression_id", "timestamp", "user_id", "show_id"),
            timestamp="timestamp",
        ),
        Table(
            "interactions",
            (
                *_strings("interaction_id"),
                Column("timestamp", TIMESTAMP),
                *_strings("user_id"),
                *_strings("show_id", "episode_id", nullable=True),
                *_strings("kind"),
                Column("listened_ms", pa.int64(), nullable=True),
                *_strings("impression_id", nullable=True),
            ),
            id="interaction_id",
            keys=("interaction_id", "timestamp", "user_id", "show_id"),
            timestamp="timestamp",
        ),
        Table(
            "users",
            (
                *_strings("user_id", "market", "language", "age_bucket", "product"),
                Column("account_age_days", pa.int64()),
            ),
            id="user_id",
            keys=("user_id",),
        ),
        Table(
            "shows",
            (
                *_strings("show_id", "publisher", "language"),
                Column("genres", STRINGS),
                Column("topics", STRINGS),
                Column("release_date", pa.date32()),
                Column("embedding", pa.list_(pa.float32())),
            ),
            id="show_id",
            keys=("show_id",),
        ),
        Table(
            "episodes",
            (
                *_strings("episode_id", "show_id"),
                Column("release_timestamp", TIMESTAMP),
                Column("duration_ms", pa.int64()),
            ),
            id="episode_id",
            keys=("episode_id", "show_id"),
            daily=False,
        ),
    )
}
