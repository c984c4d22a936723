import polars as pl
import pytest

from experiments.ab.policies.policy import policies_of
from experiments.ab.simulate.off_policy import judgements_of
from tests.experiments.ab.off_policy.made_candidates import made_candidates


def test_an_arm_without_streams_has_no_simulated_cost() -> None:
    """The control has two streams for two impressions, and the other arm none: i2s fell by 100 %, and no cost."""
    decisions = [("a", 0, [0.5, 0.5], [0.5, 0.1], 1), ("b", 1, [0.5, 0.5], [0.5, 0.1], 1)]
    control, other = (
        made_candidates(*((*decision[:4], stream) for decision in decisions)).with_columns(
            pl.lit(arm).alias("arm"), f"{arm} " + pl.col("impression_id")
        )
        for arm, stream in (("joint", 1), ("joint@epsilon=0.5", 0))
    )
    judgement, back = judgements_of(pl.concat([control, other]), policies_of(["joint", "joint@epsilon=0.5"]))
    changes = {row.metric: row.simulated_change for row in judgement.rows}
    assert changes == {"i2s": -1, "CTR": -1, "value": -1, "eCPS": None}
    assert {row.simulated_change for row in back.rows} == {None}
    assert judgement.support.effective == pytest.approx(1.6), "weights 1.5 and 0.5"
