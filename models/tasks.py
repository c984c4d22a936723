"""The tasks: what each head learns, from which sources, and on which it is read (docs/model.md#tasks).

This table is the loss mask and the metric mask. Adding an objective is adding a row.
"""

from dataclasses import dataclass

from transforms.labels import SOURCES, Label, Source

_BOTH = frozenset(SOURCES)


@dataclass(frozen=True)
class Task:
    """One objective of the model; its head bears the task's name.

    Attributes:
        name: the head, and the name of the served output.
        label: the 0/1 column of the labelled impressions that it predicts.
        trained_on: sources whose examples update this head (the loss mask `m(s, t)`).
        read_on: sources whose examples count in this task's metrics.
    """

    name: str
    label: Label
    trained_on: frozenset[Source]
    read_on: frozenset[Source]


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("promotion_stream", "stream", frozenset({"promotion"}), frozenset({"promotion"})),
        Task("ad_stream", "stream", _BOTH, frozenset({"ad"})),
        Task("click", "click", _BOTH, _BOTH),
        Task("like", "like", _BOTH, _BOTH),
        Task("follow", "follow", _BOTH, _BOTH),
    )
}
