"""What a local disk can do that an object store cannot: say that a file is there for good."""

import os


def sync(path: str) -> None:
    """Returns once the file, or a folder's list of names, is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
