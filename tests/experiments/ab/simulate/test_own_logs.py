"""An arm's own logs: what the others showed is not in them, and what users hear of their own accord is."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate.own_logs import OwnLogs, own_logs_of
from experiments.ab.simulate.retraining import own


def _write(logs: Path, place: str, **columns: list[str | None]) -> None:
    path = logs / place / "part-00000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), path)


def _ids(logs: Path, table: str) -> list[str | None]:
    files = sorted((logs / table).rglob("*.parquet"))
    return [value for file in files for value in pq.ParquetFile(file).read()["impression_id"].to_pylist()]


def test_the_impressions_of_other_arms_and_what_names_them_are_left_out(tmp_path: Path) -> None:
    logs, ours = tmp_path / "logs", tmp_path / "own"
    _write(logs, "shows/date=2026-01-01", show_id=["s"])
    _write(logs, "impressions/date=2026-01-01", impression_id=["before"])
    _write(logs, "impressions/date=2026-01-02", impression_id=["ours", "theirs"], arm=["joint", "control"])
    _write(logs, "interactions/date=2026-01-02", impression_id=["before", "ours", "theirs", None])
    _write(logs, "truth/impressions/date=2026-01-02", impression_id=["ours"])
    follower = OwnLogs("joint", logs, ours)
    follower.follow()
    assert _ids(ours, "impressions") == ["before", "ours"]
    assert _ids(ours, "interactions") == ["before", "ours", None]
    assert (ours / "shows/date=2026-01-01/part-00000.parquet").exists()
    assert not (ours / "truth").exists()

    _write(logs, "impressions/date=2026-01-03", impression_id=["later", "their later"], arm=["joint", "control"])
    _write(logs, "interactions/date=2026-01-03", impression_id=["theirs", "later"])
    follower.follow()
    assert _ids(ours, "impressions") == ["before", "ours", "later"]
    assert _ids(ours, "interactions") == ["before", "ours", None, "later"], "an outcome may come a day later"


def test_a_branch_may_be_named_like_a_folder_of_the_test(tmp_path: Path) -> None:
    """The scratch folder of a test also holds `ingested`, `steps`, and `kept`."""
    logs = own_logs_of(own(policies_of(["ingested", "steps"])), tmp_path / "logs", tmp_path / "arms")
    assert {model: (arm.arm, arm.folder) for model, arm in logs.items()} == {
        "ingested": ("ingested", tmp_path / "arms/0"),
        "steps": ("steps", tmp_path / "arms/1"),
    }
    assert not own_logs_of(policies_of(["ingested", "steps"]), tmp_path / "logs", tmp_path / "arms")
