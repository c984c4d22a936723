"""Off-policy estimates of each arm's policy from the logs of the others, beside the truth and the simulated changes."""

import math
from collections.abc import Sequence

import polars as pl

from experiments.ab.measures.user_days import ARM
from experiments.ab.off_policy.decisions import decisions_of
from experiments.ab.off_policy.estimates import Judgement, judge, logged_values
from experiments.ab.off_policy.target import target_of
from experiments.ab.policies.policy import Policy


def judgements_of(candidates: pl.DataFrame, policies: Sequence[Policy]) -> list[Judgement]:
    """Every policy judged from every other arm's impressions.

    Args:
        candidates: `Candidates.rows` of all arms. An arm without ads judges nothing, and has no change to show.
        policies: of the arms.
    """
    arms = {
        policy.name: decisions_of(rows)
        for policy in policies
        if len(rows := candidates.filter(pl.col(ARM) == policy.name))
    }
    own = {arm: logged_values(decisions) for arm, decisions in arms.items()}
    judgements = []
    for logged_by, decisions in arms.items():
        for policy in policies:
            if policy.name == logged_by:
                continue
            simulated = {
                metric: after.value / before.value - 1.0
                for metric, after in own.get(policy.name, {}).items()
                if (before := own[logged_by][metric]).value > 0 and math.isfinite(after.value)
            }
            judgements.append(judge(decisions, target_of(policy, decisions), logged_by, simulated))
    return judgements
