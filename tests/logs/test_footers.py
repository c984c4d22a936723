"""Problems that show in the footers of files."""

from datetime import datetime, timezone

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logs.footers import read_footers
from logs.schema import TABLES

COLUMNS = TABLES["episodes"].columns


def written(path, **options):
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
    rows = {"episode_id": ["e"], "show_id": ["s"], "release_timestamp": [moment], "duration_ms": [1]}
    pq.write_table(pa.table(rows, TABLES["episodes"].schema), path, **options)
    (footer,) = read_footers([str(path)], COLUMNS)
    return footer


def test_a_file_in_order_has_no_problem(tmp_path):
    footer = written(tmp_path / "f.parquet")
    assert (footer.rows, footer.groups, footer.problems) == (1, (1,), ())


def test_timestamps_of_type_int96_name_the_setting_of_spark(tmp_path):
    """Arrow reads them as timestamps without a time zone, so that "write it in UTC" would mislead."""
    assert written(tmp_path / "f.parquet", use_deprecated_int96_timestamps=True).problems == (
        "cannot be used: column release_timestamp has the old timestamp type INT96; write timestamps in microseconds "
        "and UTC, in Spark with the setting spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS",
    )


def test_timestamps_without_a_time_zone_are_to_be_written_in_utc(tmp_path):
    table = pa.table({"release_timestamp": pa.array([1], pa.timestamp("us"))})
    pq.write_table(table, tmp_path / "f.parquet")
    (footer,) = read_footers([str(tmp_path / "f.parquet")], tuple(c for c in COLUMNS if c.name in table.column_names))
    assert footer.problems == (
        "cannot be used: column release_timestamp is a timestamp without a time zone; write it in UTC",
    )


@pytest.mark.parametrize(("size", "count"), [(None, 1), (2, 3)])
def test_row_groups_are_counted(tmp_path, size, count):
    table = pa.table({name: pa.nulls(5, TABLES["episodes"].schema.field(name).type) for name in ("episode_id",)})
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=size)
    (footer,) = read_footers([str(tmp_path / "f.parquet")], ())
    assert (footer.rows, len(footer.groups)) == (5, count)
