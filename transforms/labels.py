"""The sources of impressions and the labels that impressions get: what logs, features and tasks are all about."""

from typing import Literal, get_args

Source = Literal["promotion", "ad"]
Label = Literal["stream", "click", "like", "follow"]

SOURCES: tuple[Source, ...] = get_args(Source)
LABELS: tuple[Label, ...] = get_args(Label)
