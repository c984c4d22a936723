"""Logs that are in order."""

from pathlib import Path

import pytest

from tests.components.ingestion.some_logs import at, impression, interaction, write_some


@pytest.fixture
def logs(tmp_path):
    acts = [interaction("x", at(0, 3), "stream", listened_ms=61_000)]
    return Path(write_some(tmp_path / "logs", [impression("i", at(0, 2), spend_micros=5)], acts, last_day=2))
