"""Removes files and folders of this machine, and says how much space that frees."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path


def space_of(paths: Iterable[Path]) -> int:
    """Bytes that removing files and folders would free: those of files with no other name that stays.

    Args:
        paths: none lies in another; those that do not exist count nothing.
    """
    names: Counter[tuple[int, int]] = Counter()
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    for path in paths:
        for file in _files_of(path):
            status = file.lstat()
            inode = status.st_dev, status.st_ino
            names[inode] += 1
            sizes[inode] = status.st_size, status.st_nlink
    return sum(size for inode, (size, links) in sizes.items() if names[inode] >= links)


def remove(paths: Iterable[Path]) -> None:
    """Removes files and folders; those that do not exist are gone already."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _files_of(path: Path) -> Iterable[Path]:
    if path.is_dir() and not path.is_symlink():
        return (Path(parent, name) for parent, _, names in os.walk(path) for name in names)
    return (path,) if path.exists() or path.is_symlink() else ()
