"""A config as YAML in which each key is described by what its model declares."""

import math
import textwrap
from collections.abc import Collection
from typing import Any

import yaml
from pydantic import BaseModel

_WIDTH = 100
_STEP = "  "


def as_yaml(config: BaseModel, indent: str = "", *, remarks: Collection[str] = ()) -> str:
    """All values of `config`, those that are defaults too, each below a comment that says what the key means.

    The values of `remarks` are comments themselves.
    """
    values = config.model_dump(mode="json")
    text = ""
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        about = field.description or (type(value).__doc__ if isinstance(value, BaseModel) else None)
        text += textwrap.fill(
            " ".join((about or "").partition("\n\n")[0].split()),
            _WIDTH,
            initial_indent=f"{indent}# ",
            subsequent_indent=f"{indent}# ",
        )
        text += "\n" if about else ""
        if isinstance(value, BaseModel):
            text += f"{indent}{name}:\n{as_yaml(value, indent + _STEP)}"
        else:
            text += textwrap.indent(_entry(name, values[name]), indent + ("# " if name in remarks else ""))
    return text


def _entry(name: str, value: Any) -> str:
    """A key with its value, a line each where the value is a list of mappings."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return yaml.safe_dump({name: value}, default_flow_style=None, sort_keys=False, width=math.inf)
    flow = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=math.inf)
    return f"{name}: {flow.strip()[1:-1]}\n"
