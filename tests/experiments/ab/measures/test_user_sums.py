from datetime import timedelta

import numpy as np

from experiments.ab.measures.arms import ab_test_of
from experiments.ab.measures.metrics import METRICS
from experiments.ab.measures.segments import ALL, LESS, TIERS
from experiments.ab.measures.user_sums import COLUMNS, AbUsers, columns_of
from tests.experiments.ab.made_days import START, user_days

DAY = timedelta(days=1)

ROWS = user_days(
    ("a", None, 0, 0, 0, 9, 3, 2, 1.5),  # before
    ("a", "control", 2, 0, 0, 10, 1, 2, 0.5),
    ("a", "control", 3, 5, 1, 20, 4, 0, 1.0),
    ("b", "joint", 3, 5, 1, 30, 0, 1, 2.0),
)


def table(values: np.ndarray) -> list[list[float]]:
    return values.tolist()


def test_sums_by_user_and_segment():
    test = ab_test_of(ROWS, DAY)
    users = AbUsers.of(test)
    assert COLUMNS == ("users", "impressions", "stream", "click", "spend", "before impressions", "before stream",
                       "before click", "before spend", "seen before")  # fmt: skip
    assert table(users.values(test, ALL)) == [
        [1, 30, 5, 2, 1.5, 9, 3, 2, 1.5, 1],
        [1, 30, 0, 1, 2.0, 0, 0, 0, 0, 0],
    ]
    assert table(users.values(test, LESS)) == [[1, 20, 4, 0, 1, 0, 0, 0, 0, 0], [1, 30, 0, 1, 2, 0, 0, 0, 0, 0]]
    assert table(users.values(test, TIERS[5])) == table(users.values(test, LESS))
    assert users.values(test, TIERS[1])[:, 1:].sum() == 0


def test_a_look_knows_only_the_users_and_days_so_far():
    test = ab_test_of(ROWS, DAY)
    values = AbUsers.of(test).values(test, ALL, START + 2 * DAY)
    assert table(values) == [[1, 10, 1, 2, 0.5, 9, 3, 2, 1.5, 1], [0] * 10]


def test_products_by_arm():
    test = ab_test_of(ROWS, DAY)
    users = AbUsers.of(test)
    control, joint = users.products(users.values(test, ALL))
    assert control[0].tolist() == [1, 30, 5, 2, 1.5, 9, 3, 2, 1.5, 1]
    assert joint[1, 4] == 60


def test_columns_of_metrics():
    names = {metric.name: columns_of(metric, adjust=True) for metric in METRICS}
    i2s, streams = names["i2s"], names["streams"]
    assert [COLUMNS[at] for at in (i2s.numerator, i2s.denominator)] == ["stream", "impressions"]
    assert [COLUMNS[at] for at in i2s.covariates] == ["before stream", "before impressions", "seen before"]
    assert (streams.denominator, [COLUMNS[at] for at in streams.covariates]) == (0, ["before stream", "seen before"])
    assert columns_of(METRICS[0], adjust=False).covariates == ()
