"""What pydantic finds wrong with a config, in the words of who writes YAML."""

import difflib
import json
from typing import Any, get_args

from pydantic import BaseModel

NO_KEYS = "is a value and has no keys below it"


def sentence(detail: Any, config: type[BaseModel]) -> str:
    """One error of pydantic's `ValidationError.errors()` about a value of `config`, in one sentence."""
    key = ".".join(str(part) for part in detail["loc"])
    message = _message(detail)
    if detail["type"] != "extra_forbidden":
        given = (
            ""
            if isinstance(detail["input"], dict | BaseModel)
            else f" (given: {json.dumps(detail['input'], default=str)})"
        )
        return f"{key}{' ' if message == NO_KEYS else ': '}{message}{given}" if key else message
    valid = _keys_at(config, detail["loc"][:-1])
    close = difflib.get_close_matches(str(detail["loc"][-1]), valid, n=1)
    hint = f", did you mean {close[0]}? Valid" if close else "; valid"
    return f"{key}: unknown key{hint} keys are {', '.join(valid)}" if valid else f"{key}: unknown key"


def _message(detail: Any) -> str:
    """Pydantic's message, in the words of YAML where it speaks of Python's types."""
    kind, given = detail["type"], detail["input"]
    if kind in ("tuple_type", "list_type"):
        return f"write a list, such as [{given if isinstance(given, str) else 'a, b'}]"
    if kind in ("dict_type", "model_type"):
        return "write a mapping, such as {key: value}"
    if kind.endswith("_type") and isinstance(given, dict):
        return NO_KEYS
    return str(detail["msg"]).removeprefix("Value error, ")


def _keys_at(config: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The valid keys of the section at `location` in `config`."""
    section: Any = config
    for part in location:
        if isinstance(section, type) and issubclass(section, BaseModel):
            if part not in section.model_fields:
                continue
            annotation = section.model_fields[str(part)].annotation
            section = next(
                (kind for kind in _leaves(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)), None
            )
    return list(section.model_fields) if section is not None else []


def _leaves(annotation: Any) -> list[Any]:
    arguments = get_args(annotation)
    return [leaf for argument in arguments for leaf in _leaves(argument)] if arguments else [annotation]
