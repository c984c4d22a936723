"""Every metric by every estimator, for one policy on one set of decisions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.ab.measures.judging import number_or_none
from experiments.ab.measures.metrics import CLICK, SPEND
from experiments.ab.off_policy.decisions import Decisions
from experiments.ab.off_policy.estimators import Estimate, change, doubly_robust, ips, quotient, ratio, snips
from experiments.ab.off_policy.support import Support, support_of, weights_of
from experiments.ab.off_policy.target import Target
from simulation.arrays import Floats
from transforms.domain import STREAM

I2S, CTR, VALUE, COST = "i2s", "CTR", "value", "eCPS"
"""Metrics: streams, clicks, and the bids for these streams, each for an impression; spend for a stream."""

_METRICS = (I2S, CTR, VALUE, COST)

IPS, SNIPS, DR = "IPS", "SNIPS", "DR"


@dataclass(frozen=True)
class EstimateRow:
    """One metric by one estimator. None where there is no figure.

    Attributes:
        policy: the policy that is judged.
        logged_by: the policy or arm of the logs.
        metric, estimator: names.
        estimate, low, high: the figure and its 95 % interval.
        logged: the same metric of the logging policy, on the same decisions.
        change, change_low, change_high: relative change against `logged`, and its 95 % interval.
        true_change: the same change by the world's own probabilities; only in simulated logs.
        simulated_change: the change that the arm of the policy itself had; only in a simulated test.
    """

    policy: str
    logged_by: str
    metric: str
    estimator: str
    estimate: float | None
    low: float | None
    high: float | None
    logged: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    true_change: float | None = None
    simulated_change: float | None = None


@dataclass(frozen=True)
class Judgement:
    """A policy, judged from the logs of another one.

    Attributes:
        policy: the policy that is judged.
        logged_by: the policy or arm of the logs.
        support: how far these logs can answer for it.
        rows: the estimates.
    """

    policy: str
    logged_by: str
    support: Support
    rows: tuple[EstimateRow, ...]


def judge(
    decisions: Decisions, target: Target, logged_by: str, simulated: Mapping[str, float] | None = None
) -> Judgement:
    """Judges a policy; a metric is left out if the logs cannot give it.

    Args:
        decisions: of the logging policy.
        target: the policy to judge.
        logged_by: the name of the logging policy.
        simulated: by metric, the change that the policy's own arm had.
    """
    logged, true = logged_values(decisions), true_changes(decisions, target)
    weight = weights_of(decisions, target)
    rows = []
    for metric, estimator, estimate in _estimates(decisions, target, weight):
        low, high = estimate.interval
        relative, relative_low, relative_high = change(estimate, logged[metric])
        rows.append(
            EstimateRow(
                policy=target.name,
                logged_by=logged_by,
                metric=metric,
                estimator=estimator,
                estimate=number_or_none(estimate.value),
                low=number_or_none(low),
                high=number_or_none(high),
                logged=number_or_none(logged[metric].value),
                change=number_or_none(relative),
                change_low=number_or_none(relative_low),
                change_high=number_or_none(relative_high),
                true_change=true.get(metric),
                simulated_change=(simulated or {}).get(metric),
            )
        )
    rows.sort(key=lambda row: _METRICS.index(row.metric))
    return Judgement(target.name, logged_by, support_of(decisions, target, weight), tuple(rows))


def logged_values(decisions: Decisions) -> dict[str, Estimate]:
    """The metrics of the logging policy."""
    each = np.ones(len(decisions))
    rewards = _rewards(decisions)
    values = {metric: ratio(reward, each, decisions.user) for metric, reward in rewards.items()}
    values[COST] = ratio(decisions.outcomes[SPEND], decisions.outcomes[STREAM], decisions.user)
    return values


def _estimates(decisions: Decisions, target: Target, weight: Floats) -> Iterator[tuple[str, str, Estimate]]:
    user = decisions.user
    for metric, reward in _rewards(decisions).items():
        by_estimator = {IPS: ips(weight, reward, user), SNIPS: snips(weight, reward, user)}
        predicted = _predicted(metric, decisions, target)
        if predicted is not None:
            expected = np.sum(target.probability * predicted, axis=1)
            by_estimator[DR] = doubly_robust(weight, reward, user, expected, decisions.at_chosen(predicted))
        for estimator, estimate in by_estimator.items():
            yield metric, estimator, estimate
            if metric == I2S and target.price is not None:
                # The price depends on values alone, so it is known for every pick, and needs no weights.
                paid = ratio(np.sum(target.probability * target.price, axis=1), np.ones(len(decisions)), user)
                yield COST, estimator, quotient(paid, estimate)


def _rewards(decisions: Decisions) -> dict[str, Floats]:
    """The reward of each decision by metric, [n]: a stream, a click, or the bid for the stream."""
    rewards: dict[str, Floats] = {I2S: decisions.outcomes[STREAM], CTR: decisions.outcomes[CLICK]}
    if decisions.bid is not None:
        rewards[VALUE] = decisions.outcomes[STREAM] * decisions.at_chosen(decisions.bid) / 1e6
    return rewards


def _predicted(metric: str, decisions: Decisions, target: Target) -> Floats | None:
    """The reward of each candidate as the policy's model predicts it, [n, k]; None without such a prediction."""
    predicted = target.predictions.get(CLICK if metric == CTR else STREAM)
    if metric == VALUE and predicted is not None and decisions.bid is not None:
        return predicted * decisions.bid / 1e6
    return predicted


def true_changes(decisions: Decisions, target: Target) -> dict[str, float]:
    """The changes by the world's own probabilities, on the same decisions; empty where it has none."""
    if not decisions.truth:
        return {}
    truth = {I2S: decisions.truth[STREAM], CTR: decisions.truth[CLICK]}
    if decisions.bid is not None:
        truth[VALUE] = decisions.truth[STREAM] * decisions.bid
    before, after = (
        {metric: float(np.sum(probability * rates)) for metric, rates in truth.items()}
        for probability in (decisions.probability, target.probability)
    )
    if target.price is not None:
        paid = float(np.sum(target.probability * target.price)), float(np.sum(decisions.outcomes[SPEND]))
        after[COST], before[COST] = (
            total / streams if streams else 0.0 for total, streams in zip(paid, (after[I2S], before[I2S]), strict=True)
        )
    return {metric: after[metric] / before[metric] - 1.0 for metric in after if before[metric] > 0}
