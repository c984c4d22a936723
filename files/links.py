"""A second name for a file that is never written again."""

import os

from tfx.dsl.io import fileio


def link_or_copy(source: str, target: str) -> None:
    """Makes a hard link, which costs no space and outlives the first name; a copy where the filesystem has no links.

    The folder of `target` need not exist.
    """
    fileio.makedirs(os.path.dirname(target))  # noqa: PTH120 (addresses are no Paths)
    try:
        os.link(source, target)
    except OSError:
        fileio.copy(source, target, overwrite=True)
