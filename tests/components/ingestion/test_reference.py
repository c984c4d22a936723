"""The implementation against a second one of docs/data.md, row by row, on random logs full of edges and bad rows."""

import tempfile
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from logs.config import TiersConfig
from tests.components.ingestion import reference
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import KINDS, SOURCES, random_logs, write_logs
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import built_in_features

HOURS = st.sampled_from((6, 12, 24, 30))
BOUNDARIES = st.sampled_from(((800.0, 48.0, 24.0, 12.0, 6.0, 1.0, 0.5), (40.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0)))


def counts_of(kinds: tuple[str, ...]) -> tuple[Feature, ...]:
    """Features of every count by kind."""
    names = [f"{prefix}_{kind}_count_30d" for kind in kinds for prefix in ("user", "user_show")]
    return tuple(
        Feature(name=name, group="user", kind="numeric", column=f"derived.{name}", per="candidate") for name in names
    )


@st.composite
def domains(draw: st.DrawFn) -> tuple[Domain, dict[str, tuple[str, float, float | None]]]:
    """The default sources and labels, or more of them, with windows drawn at random; and the labels for `reference`."""
    more = draw(st.booleans())
    hours = {kind: draw(HOURS) for kind in ("stream", "click", "like", "follow", *(["save"] if more else []))}
    labels: dict[str, tuple[str, float, float | None]] = {
        kind: (kind, window, 60 if kind == "stream" else None) for kind, window in hours.items()
    }
    if more:
        labels["long_stream"] = ("stream", hours["stream"], 3_600)
        del labels["follow"]  # a built-in kind that a config may leave out
    declared = {
        name: {"kind": kind, "window_hours": window, "min_stream_seconds": shortest}
        for name, (kind, window, shortest) in labels.items()
    }
    sources = (*SOURCES, "email") if more else SOURCES
    return Domain.model_validate({"sources": sources, "labels": declared}), labels


# Shrinking would take minutes; a failing example is small, its seed says which.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=16, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10**6),
    rows=st.sampled_from((1, 4, 12, 40)),
    bad=st.sampled_from((0.0, 0.1, 0.5)),
    domain_and_labels=domains(),
    boundaries=BOUNDARIES,
    bucket_rows=st.sampled_from((800, 2_000, 10**6)),
    days_at_once=st.sampled_from((1, 2, 32)),
    events_at_once=st.sampled_from((1, 3, 10**6)),
)
def test_every_row_follows_the_spec(
    seed, rows, bad, domain_and_labels, boundaries, bucket_rows, days_at_once, events_at_once
):
    domain, labels = domain_and_labels
    logs = random_logs(seed, rows, bad, (*SOURCES, "email"), (*KINDS, "save"))
    tiers = TiersConfig(boundaries_hours=boundaries, less_streamed_below=3)
    expected, accounting, quarantine = reference.ingest(logs, boundaries, 3, domain.sources, labels)
    chunks = mock.patch("logs.chunks.CHUNK_ROWS", 5)
    buckets = mock.patch("components.ingestion.compute.buckets.BUCKET_ROWS", bucket_rows)
    days = mock.patch("components.ingestion.steps.reach.DAYS_AT_ONCE", days_at_once)
    events = mock.patch("components.ingestion.compute.taste._CHUNK", events_at_once)
    with tempfile.TemporaryDirectory() as folder, chunks, buckets, days, events:
        written = write_logs(logs, Path(folder) / "logs", seed=seed)
        features = (*built_in_features(domain), *counts_of(domain.kinds))
        result = ingest_in_process(written, Path(folder) / "out", None, features, domain, tiers)
    assert result.accounting.summary() == accounting
    assert result.quarantine == quarantine
    assert [row["impression_id"] for row in result.rows] == [row["impression_id"] for row in expected]
    for row, wanted in zip(result.rows, expected, strict=True):
        assert {name: (row[name], wanted[name]) for name in row if not reference.same(row[name], wanted[name])} == {}
