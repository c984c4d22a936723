"""A config whose root is empty."""

from pathlib import Path

import pytest

from pipeline.configuration.config import Config


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(name="c", root=str(tmp_path / "root"))
