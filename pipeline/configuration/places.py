"""Where a config has its files."""

import os


def default_places(name: str, root: str | None) -> dict[str, str]:
    """Where a config of this name has its files if it does not say."""
    own = f"work/{name}"
    return {"root": own, "logs": f"{root or own}/logs"}


def expanded(folder: str) -> str:
    """`folder` with a leading `~` replaced by the home folder; addresses of object stores stay as they are."""
    return os.path.expanduser(folder)  # noqa: PTH111 (pathlib would drop a slash of `s3://`)
