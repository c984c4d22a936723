"""A config as YAML with a comment above each key: the description that its model declares."""

import math
import textwrap
from collections.abc import Collection
from typing import Any, get_origin

import yaml
from pydantic import BaseModel

from pipeline.configuration.words import models_of

_WIDTH = 100
_STEP = "  "


def as_yaml(config: BaseModel, indent: str = "", *, remarks: Collection[str] = ()) -> str:
    """All values of `config`, also defaults, each below a comment that describes its key.

    The values of the keys in `remarks` are comments themselves.
    """
    values = config.model_dump(mode="json")
    text = ""
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        about = field.description or (type(value).__doc__ if isinstance(value, BaseModel) else None)
        text += _comment(about or "", indent)
        if isinstance(value, BaseModel):
            text += f"{indent}{name}:\n{as_yaml(value, indent + _STEP)}"
        else:
            text += _about_rows(field.annotation, indent)
            text += textwrap.indent(_entry(name, values[name]), indent + ("# " if name in remarks else ""))
    return text


def _about_rows(annotation: Any, indent: str) -> str:
    """A comment for each key of the rows of a table or a list; nothing for a section that may be null."""
    if get_origin(annotation) not in (dict, tuple):
        return ""
    return "".join(
        _comment(f"- {name}: {field.description}", indent, hanging=_STEP)
        for model in models_of(annotation)
        for name, field in model.model_fields.items()
        if field.description
    )


def _comment(text: str, indent: str, *, hanging: str = "") -> str:
    """The first paragraph of `text` as a comment, or nothing."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    wrapped = textwrap.fill(
        paragraph,
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# {hanging}",
        break_on_hyphens=False,
    )
    return f"{wrapped}\n" if paragraph else ""


def _entry(name: str, value: Any) -> str:
    """A key with its value; a list or mapping of mappings has a line or more for each of them."""
    rows = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if any(isinstance(row, dict) for row in rows):
        return yaml.safe_dump({name: value}, default_flow_style=None, sort_keys=False, width=math.inf)
    flow = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=math.inf).strip()[1:-1]
    if len(flow) > _WIDTH and isinstance(value, list):
        return yaml.safe_dump({name: value}, sort_keys=False, width=math.inf)
    return f"{name}: {flow}\n"
