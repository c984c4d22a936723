"""Values by hand and scikit-learn's; influences are the derivatives with respect to the users' weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from sklearn.metrics import log_loss as sklearn_log_loss

from components.evaluation.paired.measures import MEASURES, Scored, average_precision, calibration, log_loss


def _scored(labels: list[int], scores: list[float], users: list[int]) -> Scored:
    order = np.argsort(-np.array(scores), kind="stable")
    columns = (np.array(values)[order] for values in (labels, scores, users))
    labels_, scores_, users_ = columns
    return Scored(labels_.astype(float), scores_.astype(float), users_, max(users) + 1)


def test_by_hand() -> None:
    rows = _scored([1, 0, 1, 0], [0.9, 0.8, 0.5, 0.2], [0, 1, 0, 2])
    assert average_precision(rows).value == pytest.approx((1 + 2 / 3) / 2)
    assert calibration(rows).value == pytest.approx(2.4 / 2)
    assert log_loss(rows).value == pytest.approx(-np.log([0.9, 0.2, 0.5, 0.8]).mean())
    # User 0: expected 1.4, observed 2; (1.4 - 1.2 x 2) / 2.
    assert calibration(rows).by_user == pytest.approx([-0.5, 0.4, 0.1])


def test_rows_without_a_value_have_none() -> None:
    assert average_precision(_scored([0, 0], [0.1, 0.2], [0, 1])) is None
    assert calibration(_scored([0, 0], [0.1, 0.2], [0, 1])) is None
    broken = _scored([1, 0], [0.5, -np.inf], [0, 1])
    assert log_loss(broken) is calibration(broken) is None
    assert average_precision(broken).value == 1


_ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 9), st.integers(0, 3)), min_size=2, max_size=30).filter(
    lambda rows: any(label for label, _, _ in rows) and not all(label for label, _, _ in rows)
)


@settings(deadline=None, max_examples=60)
@given(_ROWS)
def test_values_are_scikit_learn_s_and_influences_sum_to_zero(rows: list[tuple[int, int, int]]) -> None:
    labels, tenths, users = (list(column) for column in zip(*rows, strict=True))
    scores = [tenth / 10 for tenth in tenths]
    scored = _scored(labels, scores, users)
    assert average_precision(scored).value == pytest.approx(average_precision_score(labels, scores))
    assert log_loss(scored).value == pytest.approx(sklearn_log_loss(labels, scores))
    for measure in MEASURES.values():
        assert measure(scored).by_user.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", MEASURES)
def test_an_influence_is_what_a_little_more_of_a_user_changes(name: str) -> None:
    rng = np.random.default_rng(0)
    labels, scores, users = rng.integers(0, 2, 300), rng.integers(1, 40, 300) / 40, rng.integers(0, 30, 300)
    copies = 400  # one more copy of a user's rows is a weight of 1 + 1 / copies
    measured = MEASURES[name](_scored(labels, scores, users))
    more = users == 7
    repeated = [np.append(np.tile(values, copies), values[more]) for values in (labels, scores, users)]
    change = MEASURES[name](_scored(*repeated)).value - measured.value
    assert change * copies == pytest.approx(measured.by_user[7], rel=0.02)
