import sys
from datetime import datetime, timedelta, timezone

import pytest

from benchmarks.stages import Sample, Stage, stages, watch
from pipeline.metadata.records import Node

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def node(name: str, after: float, seconds: float) -> Node:
    return Node(name, "complete", seconds, started=START + timedelta(seconds=after))


def test_a_node_has_the_cost_of_the_samples_within_its_time() -> None:
    nodes = [node("Ingestion", 0.0, 2.0), node("Transform", 2.5, 1.0)]
    at = [(0.0, 1.0, 500), (1.0, 1.5, 900), (2.0, 3.0, 700), (2.5, 3.5, 600), (3.5, 4.5, 650), (4.0, 5.0, 9_999)]
    samples = [Sample(START.timestamp() + after, cpu, mib, mib / 2) for after, cpu, mib in at]

    assert stages(nodes, samples) == (
        Stage("Ingestion", 2.0, pytest.approx(2.0), 900, 450),
        Stage("Transform", 1.0, pytest.approx(1.0), 650, 325),
    )


def test_a_node_between_two_samples_costs_nothing_that_was_seen() -> None:
    samples = [Sample(START.timestamp() + after, 1.0, 100, 100) for after in (0.0, 1.0)]

    assert stages([node("Resolver", 0.2, 0.1)], samples) == (Stage("Resolver", 0.1, 0.0, 0.0, 0.0),)


def test_samples_of_a_command_that_fails_are_kept() -> None:
    samples: list[Sample] = []

    assert watch([sys.executable, "-c", "import time; time.sleep(1); raise SystemExit(3)"], samples) == 3
    assert samples[0].resident > 0
