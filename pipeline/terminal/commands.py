"""How a command is spelled, for the user to type it again."""

import shlex
from collections.abc import Sequence


def as_typed(config: str, overrides: Sequence[str], sections: Sequence[str] | None = None) -> str:
    """The options that name a config, quoted for a shell, so that another command reads the same config.

    Args:
        config: path or name of the config.
        overrides: as typed; the last override of a key counts.
        sections: the first parts of the keys that the other command reads; all if it is None.
    """
    last: dict[str, str] = {}
    for override in overrides:
        key = override.partition("=")[0]
        last.pop(key, None)  # an override moves behind those of the sections above it, which would undo it
        if sections is None or key.split(".")[0] in sections:
            last[key] = override
    return shlex.join(["-c", config, *(part for override in last.values() for part in ("--set", override))])
