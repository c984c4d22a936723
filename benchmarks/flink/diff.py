"""The differences between values of one kind on two sides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LAST_DIGITS = "last digits"


@dataclass
class Diff:
    """Values of one kind on two sides: how many there are, and which of them differ.

    Attributes:
        what: the kind of values.
        unit: what a value is.
        allowed: the difference that is allowed, in words; "" if none is.
        values: how many values were compared.
        close: how many differ by no more than is allowed.
        differing: the others that differ.
    """

    what: str
    unit: str = "value"
    allowed: str = ""
    values: int = 0
    close: int = 0
    differing: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether anything was compared, and nothing differs by more than is allowed."""
        return self.values > 0 and not self.differing

    def add(self, name: str, first: Any, second: Any, *, allowed: bool = False) -> None:
        """Compares two values.

        Args:
            name: of the value.
            first: of one side; None if it has no such value.
            second: of the other side.
            allowed: whether they may differ as they do.
        """
        self.values += 1
        if first == second or (first != first and second != second):
            return
        if allowed:
            self.close += 1
        else:
            self.differing.append(f"{name}: {first} and {second}")

    def add_all(self, first: Any, second: Any, *, tolerance: float = 0.0) -> None:
        """Compares two values of JSON, leaf by leaf.

        Args:
            first: of one side.
            second: of the other side.
            tolerance: largest difference of two floats that is allowed, relative to the greater one.
        """
        sides = dict(leaves(first)), dict(leaves(second))
        for name in sides[0] | sides[1]:
            pair = sides[0].get(name), sides[1].get(name)
            self.add(name, *pair, allowed=are_close(*pair, tolerance))

    def add_arrays(self, first: np.ndarray, second: np.ndarray, *, tolerance: float = 0.0) -> None:
        """Compares two arrays, value by value.

        Args:
            first: of one side.
            second: of the other side, of the same shape.
            tolerance: largest difference that is allowed, relative to the greater value, or to 1 if that is greater.
        """
        if first.shape != second.shape:
            self.add("shape", first.shape, second.shape)
            return
        self.values += first.size
        largest = np.maximum(np.maximum(np.abs(first), np.abs(second)), 1)
        unequal = first != second
        far = np.abs(first - second) > tolerance * largest
        self.close += int((unequal & ~far).sum())
        for place in np.argwhere(unequal & far):
            index = tuple(place)
            self.differing.append(f"{'/'.join(map(str, index))}: {first[index]} and {second[index]}")


def are_close(first: Any, second: Any, tolerance: float) -> bool:
    """Whether two floats differ by at most `tolerance`, relative to the greater one; False for other types."""
    if not (isinstance(first, float) and isinstance(second, float)):
        return False
    return abs(first - second) <= tolerance * max(abs(first), abs(second))


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The values in nested mappings and sequences, each with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}/{key}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{name}/{number}")
    else:
        yield name, value
