"""Numbers of the config are finite: an infinite one would fail later, where nobody sees the key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError

TINY = Path(__file__).resolve().parents[3] / "configs" / "tiny.yaml"


def _numbers(section: BaseModel, key: str) -> Iterator[str]:
    """The keys of all fractional numbers below a section."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _numbers(value, f"{key}{name}.")
        elif field.annotation is float:
            yield f"{key}{name}"


@pytest.mark.parametrize("key", [*_numbers(load_config(TINY), "")])
@pytest.mark.parametrize("value", [".inf", ".nan"])
def test_no_number_is_infinite(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        load_config(TINY, [f"{key}={value}"])
