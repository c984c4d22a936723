"""Results that are kept under names made of what they were computed from, so that a later run finds them again.

A result is a record, a small dataclass, and files whose paths begin like the record's. The record is written last, so
it says that the files are whole. A name never stands for two contents, so several runs may write the same one at once.
"""

import hashlib
import json
from typing import Any, TypeVar

from apache_beam.io.filesystems import FileSystems
from pydantic import TypeAdapter

from files.storage import read_json, write_json

Record = TypeVar("Record")

RECORD = ".json"
"""Suffix of the files of records."""

_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}
"""The validators of records, which take longer to make than to use."""


def key_of(*parts: Any) -> str:
    """A name of 32 hex digits for what a result is computed from.

    Args:
        parts: values that JSON can hold, or whose `str` says all about them, such as dates.
    """
    text = json.dumps(parts, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Kept:
    """A folder of kept results.

    Args:
        folder: the folder, on any filesystem of Beam; it need not exist.

    Attributes:
        folder: the folder.
        used: the `kind/key` of every result that this run needs.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.used: set[str] = set()

    def base(self, kind: str, key: str) -> str:
        """Beginning of the paths of a result's files."""
        return f"{self.folder}/{kind}/{key}"

    def use(self, kind: str, key: str) -> None:
        """Notes that this run needs a result."""
        self.used.add(f"{kind}/{key}")

    def find(self, kind: str, key: str, type_: type[Record]) -> Record | None:
        """The record of a result that this run needs, None if it is not kept."""
        self.use(kind, key)
        path = f"{self.base(kind, key)}{RECORD}"
        if not FileSystems.exists(path):
            return None
        return _adapter(type_).validate_python(read_json(path))

    def keep(self, kind: str, key: str, record: Any) -> None:
        """Writes the record of a result, whose files are written already."""
        self.use(kind, key)
        write_json(f"{self.base(kind, key)}{RECORD}", _adapter(type(record)).dump_python(record, mode="json"))


def _adapter(type_: Any) -> TypeAdapter[Any]:
    if type_ not in _ADAPTERS:
        _ADAPTERS[type_] = TypeAdapter(type_)
    return _ADAPTERS[type_]
