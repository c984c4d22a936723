"""A second name for a file."""

import errno
import os
from pathlib import Path

import pytest

from files.links import link_or_copy


def test_a_link_shares_the_space_and_outlives_the_first_name(tmp_path: Path):
    source, target = tmp_path / "source", tmp_path / "new" / "target"
    source.write_text("rows")
    link_or_copy(str(source), str(target))
    assert source.stat().st_ino == target.stat().st_ino
    source.unlink()
    assert target.read_text() == "rows"


def test_where_there_are_no_links_the_file_is_copied_over_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", refuse)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("rows")
    target.write_text("older rows")
    link_or_copy(str(source), str(target))
    assert target.read_text() == "rows"
    assert source.stat().st_ino != target.stat().st_ino
