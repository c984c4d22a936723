"""Which kept results a run of ingestion used, so that a clean-up keeps them (docs/data.md#one-more-day)."""

from collections.abc import Iterable

from files.storage import read_json, write_json

MANIFEST = "kept.json"


def write_manifest(used: Iterable[str], folder: str) -> None:
    """Writes the `kind/key` of each result that was used, beside the accounting in `folder`."""
    write_json(f"{folder}/{MANIFEST}", sorted(used))


def read_manifest(folder: str) -> set[str]:
    """The results that `write_manifest` wrote into `folder`."""
    return set(read_json(f"{folder}/{MANIFEST}"))
