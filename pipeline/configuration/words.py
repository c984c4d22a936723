"""Turns pydantic's errors about a config into sentences for people who write YAML."""

import difflib
import json
from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel

NO_KEYS = "is a value and has no keys below it"


def sentence(detail: Any, config: type[BaseModel]) -> str:
    """One error of pydantic's `ValidationError.errors()` about a value of `config`, as one sentence."""
    *parents, last = detail["loc"] or [""]
    keys, sections = _section_at(config, parents)
    key = ".".join([*keys, str(last)])
    message = _message(detail)
    if detail["type"] != "extra_forbidden":
        shown = not isinstance(detail["input"], dict | BaseModel)
        given = f" (given: {json.dumps(detail['input'], default=str)})" if shown else ""
        return f"{key}{' ' if message == NO_KEYS else ': '}{message}{given}" if key else message
    valid = list(dict.fromkeys(name for section in sections for name in section.model_fields))
    close = difflib.get_close_matches(str(last), valid, n=1)
    hint = f", did you mean {close[0]}? Valid" if close else "; valid"
    return f"{key}: unknown key{hint} keys are {', '.join(valid)}" if valid else f"{key}: unknown key"


def _message(detail: Any) -> str:
    """Pydantic's message, with the terms of YAML in place of Python's types."""
    kind, given = detail["type"], detail["input"]
    if kind in ("tuple_type", "list_type"):
        return f"write a list, such as [{given if isinstance(given, str) else 'a, b'}]"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return "write a mapping, such as {key: value}"
    if kind.endswith("_type") and isinstance(given, dict):
        return NO_KEYS
    if kind == "missing":
        return "this key is missing"
    return str(detail["msg"]).removeprefix("Value error, ")


def _section_at(config: type[BaseModel], location: Sequence[str | int]) -> tuple[list[str], list[type[BaseModel]]]:
    """The keys of `location` as they are in YAML, and the models that the section there can have."""
    keys: list[str] = []
    sections = [config]
    for part in location:
        of_kind = [section for section in sections if len(sections) > 1 and _default_kind(section) == part]
        if of_kind:  # pydantic adds the kind of a union's model to the location
            sections = of_kind
            continue
        keys.append(str(part))
        for section in sections:
            if part in section.model_fields:
                sections = models_of(section.model_fields[str(part)].annotation)
                break
    return keys, sections


def models_of(annotation: Any) -> list[type[BaseModel]]:
    """The models that a field's annotation names, also within lists, mappings, and unions."""
    if arguments := get_args(annotation):
        return [model for argument in arguments for model in models_of(argument)]
    return [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []


def _default_kind(section: type[BaseModel]) -> Any:
    return section.model_fields["kind"].default if "kind" in section.model_fields else None
