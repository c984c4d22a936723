"""From candidates to figures, on five decisions by hand."""

import numpy as np
import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.off_policy.decisions import Decisions, decisions_of
from experiments.ab.off_policy.estimates import judge
from experiments.ab.off_policy.target import target_of
from experiments.ab.policies.policy import policy_of
from tests.experiments.ab.off_policy.made_candidates import made_candidates

_JOINT = policy_of("joint", "--policy")

# Values are rate x bid: with equal rates, the last candidate wins. `joint` picks 1, 1, 0, 1, and 2.
_FIVE = made_candidates(
    ("a", 1, [0.5, 0.5], [0.1, 0.1], 1),
    ("a", 0, [0.5, 0.5], [0.1, 0.1], 1),
    ("b", 0, [0.8, 0.2], [0.3, 0.1], 0),
    ("c", 1, [0.75, 0.25], [0.2, 0.2], 0),
    ("c", 2, [0.25, 0.25, 0.5], [0.1, 0.1, 0.4], 1),
)


def _five() -> Decisions:
    return decisions_of(_FIVE)


def test_what_the_policy_picks_and_pays() -> None:
    decisions = _five()
    target = target_of(_JOINT, decisions)
    np.testing.assert_array_equal(target.probability, np.eye(3)[[1, 1, 0, 1, 2]])
    assert target.price is not None
    # the second value, in currency: 0.1 x 10, 0.1 x 10, 0.1 x 20, 0.2 x 10, 0.1 x 20
    np.testing.assert_allclose(np.sum(target.probability * target.price, axis=1), [1.0, 1.0, 2.0, 2.0, 2.0])


def test_the_figures_by_hand() -> None:
    decisions = _five()
    rows = {(row.metric, row.estimator): row for row in judge(decisions, target_of(_JOINT, decisions), "control").rows}
    weights = np.array([2.0, 0.0, 1.25, 4.0, 2.0])
    assert rows["i2s", "IPS"].estimate == pytest.approx((2.0 + 2.0) / 5)
    assert rows["i2s", "SNIPS"].estimate == pytest.approx(4.0 / weights.sum())
    model = np.array([0.1, 0.1, 0.3, 0.2, 0.4])
    missed = np.array([1 - 0.1, 1 - 0.1, 0 - 0.3, 0 - 0.2, 1 - 0.4])
    assert rows["i2s", "DR"].estimate == pytest.approx(np.mean(model + weights * missed))
    assert rows["value", "IPS"].estimate == pytest.approx((2.0 * 20 + 2.0 * 30) / 5)
    assert rows["CTR", "IPS"].estimate == pytest.approx(0.8)
    assert ("CTR", "DR") not in rows, "the model predicts no clicks"
    assert rows["i2s", "IPS"].logged == pytest.approx(0.6)
    assert rows["i2s", "IPS"].change == pytest.approx(0.8 / 0.6 - 1)
    assert rows["eCPS", "IPS"].estimate == pytest.approx((8.0 / 5) / 0.8)
    assert rows["eCPS", "IPS"].logged == pytest.approx(0.25 / 3)


def test_support_by_hand() -> None:
    decisions = _five()
    support = judge(decisions, target_of(_JOINT, decisions), "control").support
    assert (support.decisions, support.users, support.largest) == (5, 3, 4.0)
    assert support.effective == pytest.approx(9.25**2 / (4 + 1.25**2 + 16 + 4))
    assert support.largest_share == pytest.approx(4.0 / 9.25)
    assert support.unsupported == 0
    assert support.events == 2
    assert [warning.partition(":")[0] for warning in support.warnings] == ["Huge weight", "Few events"]


def test_a_policy_that_never_explores_supports_nothing_else() -> None:
    decisions = decisions_of(made_candidates(*[(f"u{n}", n % 2, np.eye(2)[n % 2], [0.1, 0.1], 1) for n in range(100)]))
    judgement = judge(decisions, target_of(_JOINT, decisions), "control")
    assert judgement.support.unsupported == 0.5
    assert judgement.support.misfit == 0
    assert judgement.support.warnings[0].startswith("No support: the logging policy could not have made 50.0%")
    dr = next(row for row in judgement.rows if (row.metric, row.estimator) == ("i2s", "DR"))
    assert dr.estimate == pytest.approx(0.5 * 1.0 + 0.5 * 0.1), "half from the logs, half from the model"


def test_probabilities_that_are_not_those_of_the_picks_are_noticed() -> None:
    """The logs say half and half, but the policy picked candidate 0 every time."""
    decisions = decisions_of(
        made_candidates(*[(f"u{n}", 0, [0.5, 0.5], [0.5, 0.1 + n % 3 / 5], 1) for n in range(300)])
    )
    warnings = judge(decisions, target_of(_JOINT, decisions), "control").support.warnings
    assert any(warning.startswith("Wrong probabilities: the average weight is 0.667") for warning in warnings)


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (("a", 1, [1.0, 0.0], [0.1, 0.1], 0), "show a candidate that has probability 0"),
        (("a", 1, [1.0, 1e-310], [0.1, 0.1], 0), "show a candidate that has probability 0"),
        (("a", 0, [0.5, 0.4], [0.1, 0.1], 0), "do not add up to 1"),
        (("a", 0, [1.5, -0.5], [0.1, 0.1], 0), "lack a probability from 0 to 1"),
        (("a", 7, [0.5, 0.5], [0.1, 0.1], 0), "do not have one chosen candidate"),
    ],
)
def test_wrong_candidates(decision: tuple, message: str) -> None:
    with pytest.raises(ExperimentError, match=f"1 of 1 decisions in the table `decisions` .*{message}.* impression i0"):
        decisions_of(made_candidates(decision))


def test_a_model_without_predictions() -> None:
    with pytest.raises(ExperimentError, match=r"no predictions of the model cold \(models with predictions: joint\)"):
        target_of(policy_of("cold@softmax=1", "--policy"), _five())


@pytest.mark.parametrize("rate", [float("nan"), -0.1, 1.5])
def test_predictions_that_are_no_probabilities(rate: float) -> None:
    decisions = decisions_of(made_candidates(("a", 0, [1.0], [0.5], 1), ("a", 0, [0.5, 0.5], [0.5, rate], 1)))
    with pytest.raises(ExperimentError, match="1 of 2 decisions have a `predicted_stream_joint` that is no probab"):
        target_of(_JOINT, decisions)


@pytest.mark.parametrize("bid", [float("nan"), float("inf"), -1.0])
def test_bids_that_are_no_money(bid: float) -> None:
    rows = made_candidates(("a", 0, [1.0], [0.5], 1)).with_columns(bid_micros=bid)
    with pytest.raises(ExperimentError, match="1 of 1 decisions have a `bid_micros` that is negative or no number"):
        target_of(_JOINT, decisions_of(rows))


def test_a_huge_weight_is_a_warning_and_no_overflow() -> None:
    """One of 40 picks had a chance of 1e-200: it carries all weight."""
    usual = [(f"u{n}", 0, [0.5, 0.5], [0.9, 0.1], 1) for n in range(39)]
    decisions = decisions_of(made_candidates(*usual, ("u39", 0, [1e-200, 1.0], [0.9, 0.1], 1)))
    support = judge(decisions, target_of(_JOINT, decisions), "control").support
    assert (support.effective, support.largest_share) == pytest.approx((1, 1))
    assert [warning.partition(":")[0] for warning in support.warnings[:2]] == ["Uneven weights", "Huge weight"]
