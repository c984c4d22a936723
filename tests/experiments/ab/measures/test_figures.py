"""The change where one arm has no event, by hand; arms whose users have one impression each."""

import math

import numpy as np
import pytest

from experiments.ab.measures.change import Floats, products
from experiments.ab.measures.figures import figures_of
from experiments.ab.measures.metrics import METRICS, SPEND_PER_USER
from experiments.ab.measures.user_sums import COLUMNS

I2S, _, ECPS, STREAMS = METRICS


def arm(users: int, streams: int, at_a_time: int = 1) -> Floats:
    """Users with one impression and a spend of 2 each; `streams` in all, so many for each of the first users."""
    values = np.zeros((users, len(COLUMNS)))
    values[:, :2] = 1
    values[: streams // at_a_time, COLUMNS.index("stream")] = at_a_time
    values[:, COLUMNS.index("spend")] = 2
    return products(values)


@pytest.mark.parametrize("metric", [I2S, STREAMS])
def test_an_arm_without_streams_lost_them(metric: object):
    """All of 40 streams fall into the control of 600 users and none into 300: (1 + 1/2)^-40."""
    figures = figures_of(metric, arm(600, 40), arm(300, 0), adjust=False)
    assert (figures.change, figures.low) == (-1, -1)
    assert figures.p_value == pytest.approx(2 * 1.5**-40)
    assert (1 + (1 + figures.high) / 2) ** -40 == pytest.approx(0.025)


def test_costs_for_a_stream_are_infinite_without_streams():
    lost, rate = (figures_of(metric, arm(600, 40), arm(300, 0), adjust=False) for metric in (ECPS, I2S))
    assert (lost.change, lost.high) == (math.inf, math.inf)
    assert lost.p_value == pytest.approx(rate.p_value)
    assert lost.low == pytest.approx(1 / (1 + rate.high) - 1)


def test_a_control_without_streams():
    rise, fall = (figures_of(metric, arm(300, 0), arm(600, 40), adjust=False) for metric in (I2S, ECPS))
    assert (rise.change, rise.high) == (math.inf, math.inf)
    assert rise.p_value == pytest.approx(2 * 1.5**-40)
    assert (fall.change, fall.low) == (-1, -1)
    assert fall.high == pytest.approx(1 / (1 + rise.low) - 1)


def test_streams_of_one_user_come_together():
    """Four users have ten streams each: little more than four independent events."""
    clumped = figures_of(STREAMS, arm(600, 40, at_a_time=10), arm(600, 0), adjust=False)
    assert clumped.p_value == pytest.approx(2 * 2**-4, rel=0.02)


def test_no_figure_without_any_event_or_user_to_have_one():
    for metric, control, own in ((I2S, arm(9, 0), arm(9, 0)), (I2S, arm(1, 1), arm(9, 0)), (ECPS, arm(9, 0), arm(9, 0)),
                                 (SPEND_PER_USER, 0 * arm(9, 0), arm(9, 0))):  # fmt: skip
        assert math.isnan(figures_of(metric, control, own, adjust=False).p_value)
