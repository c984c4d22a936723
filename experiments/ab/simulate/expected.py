"""The truth: expected outcomes of each arm's impressions by the world's own probabilities, without chance."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from experiments.ab.measures.metrics import CLICK, IMPRESSIONS, METRICS, SPEND, USERS
from experiments.ab.measures.segments import SEGMENTS
from experiments.ab.measures.user_days import ARM
from experiments.ab.policies.policy import AD
from transforms.domain import STREAM
from transforms.labelled import LESS_STREAMED, STREAM_TIER

Changes = Mapping[tuple[str, str, str], float]
"""Relative change by arm, segment, and metric."""


def expected_sums(logs: Path, ingested: Path, first: str = "") -> pl.DataFrame:
    """Expected streams and clicks of the test's ads, by arm, tier, and less-streamed or not.

    Args:
        logs: raw logs of the test, with the truth of the world.
        ingested: folder of their labelled impressions, as `coldcast ingest` writes them.
        first: the partition that the test begins with, such as `date=2026-01-08`; an earlier test does not count.

    Returns:
        `arm`, `stream_tier`, `less_streamed`, and sums: `impressions`, `stream`, `click` (expected), `spend`.
    """
    keys = ["impression_id", STREAM_TIER, LESS_STREAMED, "spend_micros"]
    labelled = pl.scan_parquet(ingested / "labelled" / "*.parquet").filter(pl.col("source") == AD).select(keys)
    frames = []
    for path in sorted((logs / "impressions").glob("*/*.parquet")):
        shown = pl.read_parquet(path, hive_partitioning=False)
        if ARM in shown.columns and path.parent.name >= first:
            frames.append(shown.select("impression_id", ARM))
    days = sorted((logs / "truth" / "impressions").glob("*/*.parquet"))
    truth = pl.concat(
        [
            pl.read_parquet(path, columns=["impression_id", "p_stream", "p_click"], hive_partitioning=False)
            for path in days
        ]
    )
    rows = pl.concat(frames).join(labelled.collect(), on="impression_id").join(truth, on="impression_id")
    return (
        rows.group_by(ARM, STREAM_TIER, LESS_STREAMED)
        .agg(
            pl.len().cast(pl.Float64).alias(IMPRESSIONS),
            pl.col("p_stream").sum().alias(STREAM),
            pl.col("p_click").sum().alias(CLICK),
            (pl.col("spend_micros").sum() / 1e6).alias(SPEND),
        )
        .sort(ARM, STREAM_TIER, LESS_STREAMED)
    )


def expected_changes(sums: pl.DataFrame, users: Mapping[str, int], control: str) -> Changes:
    """Relative changes against the control, of expected sums; a change without a denominator is left out.

    Args:
        sums: of `expected_sums`, of one seed or of several.
        users: by arm.
        control: the arm to compare with.
    """
    changes = {}
    for segment in SEGMENTS:
        by_arm = {
            row[ARM]: row | {USERS: users[row[ARM]]}
            for row in sums.filter(segment.rows)
            .group_by(ARM)
            .agg(pl.col(IMPRESSIONS, STREAM, CLICK, SPEND).sum())
            .to_dicts()
        }
        base = by_arm.get(control)
        for arm in by_arm.keys() - {control}:
            for metric in METRICS:
                parts = [by_arm[arm][metric.numerator], by_arm[arm][metric.denominator]]
                if base and all(parts) and base[metric.numerator] and base[metric.denominator]:
                    before = base[metric.numerator] / base[metric.denominator]
                    changes[arm, segment.name, metric.name] = parts[0] / parts[1] / before - 1.0
    return changes
