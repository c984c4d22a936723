"""How much one request may ask for.

A few bytes can ask for gigabytes: a shape needs no values, since the last value fills it, and the model makes about
5 kB of each row. So the server counts what a request asks for before it makes any array.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from serving.config import ServingConfig
from serving.server.refusal import Refusal, invalid

MOST_FILLED = 1 << 20
"""Bytes that repetitions of a tensor's last value may take."""
_MOST_DIMENSIONS = 254  # of a TensorFlow tensor


@dataclass(frozen=True)
class Limits:
    """Bounds of one request.

    Attributes:
        rows: examples or candidates, the first dimension of an input.
        elements: values of all inputs together. A dimension of 0 counts as 1, since the model works on it as well. So
            does a negative one, so that it makes no room for another input.
    """

    rows: int
    elements: int

    @classmethod
    def of(cls, config: ServingConfig) -> "Limits":
        """The limits of a config."""
        return cls(config.max_rows, config.max_elements)

    def check(self, shapes: Mapping[str, tuple[int, ...] | None]) -> None:
        """Checks the shapes of inputs, by alias, against the limits; it skips an unknown shape.

        Raises:
            Refusal: INVALID_ARGUMENT, with the limit and its key in the config.
        """
        total = 0
        for alias, shape in shapes.items():
            if shape is None:
                continue
            if len(shape) > _MOST_DIMENSIONS:
                raise invalid(f"Input {alias} has more than {_MOST_DIMENSIONS} dimensions, which no tensor has")
            if shape and shape[0] > self.rows:
                raise invalid(
                    f"Input {alias} has {shape[0]} rows; this server takes {self.rows} in a request (serving.max_rows)"
                )
            total += math.prod(shape) if min(shape, default=1) > 0 else math.prod([max(size, 1) for size in shape])
            if total > self.elements:
                raise too_many_elements(self.elements)


def too_many_elements(most: int) -> Refusal:
    """The refusal of a request whose inputs have more than `most` values."""
    return invalid(
        f"The inputs have more than the {most} values that this server takes in a request (serving.max_elements)"
    )
