"""An arm's own logs: what the others showed is not in them, and what users hear of their own accord is."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.ab.simulate.own_logs import OwnLogs


def _write(logs: Path, place: str, **columns: list[str | None]) -> None:
    path = logs / place / "part-00000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), path)


def _ids(logs: Path, table: str) -> list[str | None]:
    files = sorted((logs / table).rglob("*.parquet"))
    return [value for file in files for value in pq.ParquetFile(file).read()["impression_id"].to_pylist()]


def test_the_impressions_of_other_arms_and_what_names_them_are_left_out(tmp_path: Path) -> None:
    logs, own = tmp_path / "logs", tmp_path / "own"
    _write(logs, "shows/date=2026-01-01", show_id=["s"])
    _write(logs, "impressions/date=2026-01-01", impression_id=["before"])
    _write(logs, "impressions/date=2026-01-02", impression_id=["ours", "theirs"], arm=["joint", "control"])
    _write(logs, "interactions/date=2026-01-02", impression_id=["before", "ours", "theirs", None])
    _write(logs, "truth/impressions/date=2026-01-02", impression_id=["ours"])
    follower = OwnLogs("joint", logs, own)
    follower.follow()
    assert _ids(own, "impressions") == ["before", "ours"]
    assert _ids(own, "interactions") == ["before", "ours", None]
    assert (own / "shows/date=2026-01-01/part-00000.parquet").exists()
    assert not (own / "truth").exists()

    _write(logs, "impressions/date=2026-01-03", impression_id=["later", "their later"], arm=["joint", "control"])
    _write(logs, "interactions/date=2026-01-03", impression_id=["theirs", "later"])
    follower.follow()
    assert _ids(own, "impressions") == ["before", "ours", "later"]
    assert _ids(own, "interactions") == ["before", "ours", None, "later"], "an outcome may come a day later"
