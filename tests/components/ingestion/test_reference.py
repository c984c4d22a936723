"""The implementation against docs/data.md written down a second time, on random logs full of edges and bad rows."""

import tempfile
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.ingestion.config import IngestionConfig
from tests.components.ingestion import reference
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import random_logs, write_logs

WINDOWS = st.fixed_dictionaries({kind: st.sampled_from((6, 12, 24, 30)) for kind in reference.REACTIONS})
BOUNDARIES = st.sampled_from(((800.0, 48.0, 24.0, 12.0, 6.0, 1.0, 0.5), (40.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0)))


# Shrinking would take minutes; a failing example is small, its seed says which.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=25, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10**6),
    rows=st.sampled_from((1, 4, 12, 40)),
    bad=st.sampled_from((0.0, 0.1, 0.5)),
    windows=WINDOWS,
    boundaries=BOUNDARIES,
    bucket_rows=st.sampled_from((25, 60, 10**6)),
)
def test_every_row_is_what_the_spec_says(seed, rows, bad, windows, boundaries, bucket_rows):
    logs = random_logs(seed, rows, bad)
    config = IngestionConfig.model_validate(
        {"windows_hours": windows, "tier_boundaries_hours": boundaries, "less_streamed_below": 3}
    )
    expected, accounting, quarantine = reference.ingest(logs, windows, boundaries, 3, 60)
    pieces = mock.patch.multiple("logs.chunks", CHUNK_ROWS=5, BUCKET_ROWS=bucket_rows)
    with tempfile.TemporaryDirectory() as folder, pieces:
        found = ingest_in_process(write_logs(logs, Path(folder) / "logs", seed=seed), Path(folder) / "out", config)
    assert found.accounting.summary() == accounting
    assert found.quarantine == quarantine
    assert [row["impression_id"] for row in found.rows] == [row["impression_id"] for row in expected]
    for row, wanted in zip(found.rows, expected, strict=True):
        assert {name: (row[name], wanted[name]) for name in row if not reference.same(row[name], wanted[name])} == {}
