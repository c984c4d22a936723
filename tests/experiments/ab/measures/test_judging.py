import numpy as np

from experiments.ab.measures.change import Floats, products
from experiments.ab.measures.judging import is_judged
from experiments.ab.measures.metrics import IMPRESSIONS_PER_USER, METRICS
from experiments.ab.measures.user_sums import COLUMNS

I2S = METRICS[0]


def arm(*streams: float) -> Floats:
    """An arm whose users have these streams, and one impression each."""
    values = np.zeros((len(streams), len(COLUMNS)))
    values[:, :2] = 1
    values[:, COLUMNS.index("stream")] = streams
    return products(values)


def test_thirty_users_with_a_stream_in_each_arm_by_hand():
    assert is_judged(I2S, arm(*[1] * 30), arm(*[1] * 30))
    assert not is_judged(I2S, arm(*[1] * 29, 0), arm(*[1] * 30)), "59 in all"
    assert not is_judged(I2S, arm(*[1] * 30), arm(*[1] * 30), share=0.9)


def test_many_streams_of_few_users_are_too_few():
    """Ten users with 20 streams each count as ten."""
    assert not is_judged(I2S, arm(*[20] * 10), arm(*[20] * 10))
    assert not is_judged(I2S, arm(*[1] * 30, 100), arm(*[1] * 31))


def test_an_arm_that_lost_its_streams_is_judged():
    assert is_judged(I2S, arm(*[1] * 60, *[0] * 40), arm(*[0] * 100))
    assert not is_judged(I2S, arm(*[1] * 60, *[0] * 40), arm(*[0] * 20)), "a sixth of 60 would be 10"


def test_users_count_for_a_metric_without_rare_events():
    assert is_judged(IMPRESSIONS_PER_USER, arm(*[0] * 30), arm(*[0] * 30))
    assert not is_judged(IMPRESSIONS_PER_USER, arm(*[0] * 30), arm(*[0] * 29))
    assert not is_judged(I2S, 0 * arm(1), 0 * arm(1)), "nobody was seen yet"
