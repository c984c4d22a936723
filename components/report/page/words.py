"""Names for the reader."""

from collections.abc import Sequence

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS
from components.evaluation.slices import SliceKeys

MEASURES = {AP: "AP", LOG_LOSS: "log loss", CALIBRATION: "expected / observed"}

_SLICES = {
    "source": "{}",
    "stream_tier": "tier {}",
    "less_streamed": "less-streamed",
    "unseen_show": "unseen shows",
    "unseen_campaign": "unseen campaigns",
    "unseen_creative": "unseen creatives",
    "first_days": "shows in their first days",
}


def slice_words(keys: SliceKeys) -> str:
    """A slice in words, such as `ad, tier 3`; `all` without keys."""
    ordered = sorted(keys.items(), key=lambda item: list(_SLICES).index(item[0]) if item[0] in _SLICES else 99)
    parts = [
        "other shows"
        if (column, value) == ("less_streamed", 0)
        else _SLICES.get(column, f"{column} {{}}").format("missing" if value == "" else value)
        for column, value in ordered
    ]
    return ", ".join(parts) or "all"


def head_words(heads: Sequence[str]) -> str:
    """The heads of a difference, each once, such as `promotion_stream, ad_stream`."""
    return ", ".join(dict.fromkeys(heads))
