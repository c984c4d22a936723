"""What is remembered of files between runs."""

from pathlib import Path

import pytest

from logs import opening
from logs.errors import LogError
from logs.opening import memory_of, open_logs
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES

OWN = Feature(name="own", group="user", kind="category", column="users.product", per="request")
NEW_COLUMN = Feature(name="plan", group="user", kind="category", column="users.plan", per="request")


@pytest.fixture
def logs(tmp_path: Path) -> str:
    return write_some(tmp_path / "logs", [impression("i", at(2, 1))], [interaction("x", at(2, 2), "click")], last_day=4)


@pytest.fixture
def footers_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    paths: list[str] = []
    read_footers = opening.read_footers

    def count(wanted, columns):
        paths.extend(wanted)
        return read_footers(wanted, columns)

    monkeypatch.setattr(opening, "read_footers", count)
    return paths


def test_footers_of_unchanged_files_are_read_once(logs: str, tmp_path: Path, footers_read: list[str]):
    memory = memory_of(logs, str(tmp_path / "kept"))
    first = open_logs(logs, FEATURES, Domain(), memory)
    assert len(footers_read) == len(first.digests) == 1 + 5 + 1 + 1 + 1
    footers_read.clear()
    again = open_logs(logs, (*FEATURES, OWN), Domain(), memory)
    assert footers_read == [], "no new column"
    assert (again.chunks, again.digests) == (first.chunks, first.digests)
    new = Path(logs, "interactions/date=2026-01-06/new.parquet")
    new.parent.mkdir()
    new.write_bytes(Path(logs, "interactions/date=2026-01-05/a.parquet").read_bytes())
    open_logs(logs, FEATURES, Domain(), memory)
    assert footers_read == [], "a file of the same content is known"


def test_footers_are_read_again_for_other_columns_or_code_and_without_a_memory(
    logs: str, tmp_path: Path, footers_read: list[str]
):
    memory = memory_of(logs, str(tmp_path / "kept"))
    open_logs(logs, FEATURES, Domain(), memory)
    footers_read.clear()
    with pytest.raises(LogError, match="has no column plan"):
        open_logs(logs, (*FEATURES, NEW_COLUMN), Domain(), memory)
    assert [Path(path).parts[-3] for path in footers_read] == ["users"]
    footers_read.clear()
    open_logs(logs, FEATURES, Domain(), memory, "other code, which may see other problems")
    assert len(footers_read) == 9
    footers_read.clear()
    assert open_logs(logs, FEATURES, Domain()).digests == {}
    assert len(footers_read) == 9


def test_each_folder_of_logs_has_its_own_memory():
    assert memory_of("a/logs", "kept") == memory_of("a/logs/", "kept") != memory_of("b/logs", "kept")
