"""How much one request may ask for."""

import pytest

from serving.server.limits import Limits
from serving.server.refusal import Code, Refusal

LIMITS = Limits(rows=10, elements=100)


@pytest.mark.parametrize(
    "shapes",
    [
        {"a": (10, 10)},
        {"a": (10, 9), "b": (10,)},
        {"a": (10, 9), "b": (9,), "c": ()},  # a scalar is one value
        {"a": (10, 0, 9), "b": None},  # 10 x 1 x 9
    ],
)
def test_inputs_within_the_limits_pass(shapes: dict) -> None:
    LIMITS.check(shapes)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({"a": (11,)}, r"Input a has 11 rows; this server takes 10 in a request \(serving\.max_rows\)"),
        ({"a": (11, 0)}, "Input a has 11 rows"),
        ({"a": (10, 11)}, r"more than the 100 values .* \(serving\.max_elements\)"),
        ({"a": (10, 9), "b": (10,), "c": ()}, "more than the 100 values"),
        ({"a": (10, 0, 11)}, "more than the 100 values"),
        ({"a": (0, 1 << 40)}, "more than the 100 values"),
        ({"a": (-1, 1 << 40), "b": (10, 11)}, "more than the 100 values"),  # no room for others
        ({"a": (-8, -8, 101)}, "more than the 100 values"),
        ({"a": (1, 2**62, 2**62)}, "more than the 100 values"),
        ({"a": (1,) * 255}, "Input a has more than 254 dimensions"),
    ],
)
def test_inputs_beyond_the_limits_are_invalid_arguments(shapes: dict, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        LIMITS.check(shapes)
    assert refusal.value.code == Code.INVALID_ARGUMENT
