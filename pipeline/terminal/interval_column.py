"""A column of figures with their intervals."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from pipeline.terminal.fitting import TableColumn

Item = TypeVar("Item", contravariant=True)


class Text(Protocol[Item]):
    """The text of an item's figure, with its interval if wanted."""

    def __call__(self, item: Item, /, *, interval: bool) -> str:
        """The text."""


def interval_column(heading: str, items: Iterable[Item], text: Text[Item], rank: int) -> TableColumn:
    """Figures with their intervals, and without them on a narrow screen."""
    items = list(items)
    whole, short = ([text(item, interval=interval) for item in items] for interval in (True, False))
    return TableColumn(heading, whole, right=True, rank=rank, short=short)
