"""A small report: two models on 600 rows of two sources."""

import numpy as np
import polars as pl

from components.evaluation.paired.compare import compare
from components.evaluation.paired.correction import tally
from components.evaluation.paired.measures import AP
from components.evaluation.results import SliceFigure
from components.evaluation.scores import About, Scores
from components.evaluation.settings import EvaluatedHead
from components.ingestion.outputs.accounting import Accounting, DayCount, TableCount
from components.report.curves import curves_of
from components.report.data import TRAINING, Anomaly, BranchReport, Change, Drift, EpochReading, RunReport, Trend
from components.report.verdict import verdict
from components.split.windows import SplitWindow

SOURCES = ("promotion", "ad")
HEADS = (EvaluatedHead("stream", "stream", SOURCES), EvaluatedHead("click", "click", SOURCES))
ROWS = 600


def example_scores(seed: int, skill: float) -> Scores:
    """Scores of `ROWS` rows; a greater `skill` ranks better. The rows and outcomes are the same for all seeds."""
    world, chance = np.random.default_rng(0), np.random.default_rng(seed)
    truth = world.beta(1, 4, ROWS)
    columns: dict[str, object] = {
        "impression_id": [f"i{number:04}" for number in range(ROWS)],
        "user_id": [f"u{number % 90}" for number in range(ROWS)],
        "source": [SOURCES[number % 2] for number in range(ROWS)],
        "show_id": [f"s{number % 7}" for number in range(ROWS)],
        "stream_tier": world.integers(0, 8, ROWS).astype(np.int8),
        "less_streamed": (world.random(ROWS) < 0.5).astype(np.int8),
    }
    for head in HEADS:
        columns[f"label.{head.label}"] = (world.random(ROWS) < truth).astype(np.int8)
        noise = chance.beta(1, 4, ROWS)
        columns[f"candidate.{head.name}"] = (skill * truth + (1 - skill) * noise).astype(np.float32)
    return Scores(About(HEADS, SOURCES, min_positives=5), pl.DataFrame(columns))


def example_report(pipeline: str = "example") -> RunReport:
    """A report with something in each of its sections."""
    silo, joint = example_scores(1, 0.3), example_scores(2, 0.9)
    rows = compare([joint], [silo])
    branches = (
        _branch("promotions_only", silo, blessed=False, reasons=("stream on ad: AP 0.2 is below the threshold.",)),
        _branch("joint", joint, blessed=True),
    )
    changes = (Change("joint", "promotions_only", rows, tally([row for row in rows if row.measure == AP])),)
    by_source = tuple(row for row in rows if set(row.keys) == {"source"} and row.measure == AP)
    return RunReport(
        pipeline=pipeline,
        run="2026-11-27T20:56:40",
        written="2026-11-27 20:56 UTC",
        published="1795813540",
        verdict=verdict(branches, changes, "1795813540"),
        branches=branches,
        changes=changes,
        followed="joint",
        trend=(Trend("2026-11-26 20:00", by_source), Trend("2026-10-01 20:00", (), "no test row in common")),
        accounting=Accounting(
            tables={
                "impressions": TableCount(1000, {"null_key": 3}, 2, {"2026-11-25": {"null_key": 3}}),
                "interactions": TableCount(2000, {}, 0),
            },
            outcomes={},
            days={
                "2026-11-25": DayCount(500, 3, 2, 0, {"promotion": 200, "ad": 295}),
                "2026-11-26": DayCount(500, 0, 0, 100, {"promotion": 200, "ad": 200}),
            },
            end=0,
        ),
        checks=("test beside training days",),
        anomalies=(Anomaly("test beside training days", "device", "The Linfty distance is 0.3, above 0.1."),),
        drift=(
            Drift("test beside training days", "device", "L-infinity", 0.3, 0.1),
            Drift("test beside training days", "user_hours", "Jensen-Shannon", 0.02, 0.25),
        ),
        windows=(SplitWindow("train", "2026-11-25", "2026-11-25", {"promotion": 200, "ad": 295}),),
        lineage=(("logs", "work/example/logs"),),
    )


def _branch(name: str, scores: Scores, *, blessed: bool, reasons: tuple[str, ...] = ()) -> BranchReport:
    return BranchReport(
        name=name,
        recipe=name,
        seed=7,
        blessed=blessed,
        reasons=reasons,
        warm_start=False,
        figures=tuple(
            SliceFigure(
                ap=0.25,
                low=0.2,
                high=0.3,
                positives=120,
                examples=600,
                base_rate=0.2,
                exact=True,
                broken=0,
                judged=not few,
                calibration=1.1,
                calibration_low=0.9,
                calibration_high=1.3,
                model="candidate",
                head=head.name,
                label=head.label,
                keys=keys,
            )
            for head in HEADS
            for keys, few in (({}, False), ({"source": "ad"}, False), ({"source": "ad", "stream_tier": 7}, True))
        ),
        curves=tuple(curves_of(scores)),
        epochs=tuple(
            EpochReading(
                number, "stream", "stream", rows, None if rows == TRAINING else 0.2 + number / 100, 0.3, number == 2
            )
            for number in (1, 2)
            for rows in (TRAINING, *SOURCES)
        ),
    )
