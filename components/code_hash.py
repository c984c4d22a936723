"""The source of packages and modules as one hash, for the cache keys of the components that run it.

TFX's cache key knows inputs, parameters and the executor's name, not its code (docs/decisions.md).
"""

import hashlib
import importlib.util
from pathlib import Path


class CodeHashError(ValueError):
    """A named package or module does not exist."""


def code_hash(*names: str) -> str:
    """SHA-256, 16 hex digits, over the Python sources of the packages (with everything below) and modules named.

    Args:
        names: dotted names, such as `transforms` or `models.trainer`. Order and repetition do not matter; nothing is
            imported but the parents of dotted names.

    Raises:
        CodeHashError: there is no such module, or it has no source.
    """
    sources: dict[str, bytes] = {}
    for name in names:
        sources |= _sources(name)
    digest = hashlib.sha256()
    for module in sorted(sources):
        digest.update(f"{module}\0{len(sources[module])}\0".encode())
        digest.update(sources[module])
    return digest.hexdigest()[:16]


def _sources(name: str) -> dict[str, bytes]:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not (spec.submodule_search_locations or spec.origin):
        raise CodeHashError(f"There is no module {name!r} to hash; name a package or module of this project.")
    if not spec.submodule_search_locations:
        return {name: Path(str(spec.origin)).read_bytes()}
    return {
        ".".join((name, *file.relative_to(folder).with_suffix("").parts)): file.read_bytes()
        for folder in spec.submodule_search_locations
        for file in Path(folder).rglob("*.py")
    }
