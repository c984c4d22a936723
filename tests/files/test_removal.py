"""What removing files frees."""

import os
from pathlib import Path

from files.removal import remove, space_of


def test_a_file_with_another_name_that_stays_frees_nothing(tmp_path: Path):
    one, two, outside = tmp_path / "one", tmp_path / "two", tmp_path / "outside"
    for folder in (one, two):
        folder.mkdir()
    (one / "alone").write_bytes(b"12345")
    (one / "first name").write_bytes(b"1234567")
    os.link(one / "first name", two / "second name")
    (one / "stays").write_bytes(b"123")
    os.link(one / "stays", outside)
    assert space_of([one]) == 5
    assert space_of([two]) == 0
    assert space_of([one, two, tmp_path / "absent"]) == 5 + 7
    assert space_of([outside, one]) == 5 + 3


def test_files_folders_and_links_are_removed_and_what_a_link_names_stays(tmp_path: Path):
    folder, file, link, aim = tmp_path / "folder", tmp_path / "file", tmp_path / "link", tmp_path / "aim"
    for path in (folder, aim):
        path.mkdir()
        (path / "inside").write_text("x")
    file.write_text("x")
    link.symlink_to(aim)
    remove([folder, file, link, tmp_path / "absent"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aim"]
    assert (aim / "inside").exists()
