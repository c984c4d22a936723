"""Figures as text in tables."""

from experiments.ab.measures.metrics import ALL_METRICS

_METRICS = {metric.name: metric for metric in ALL_METRICS}


def value_text(metric: str, value: float | None) -> str:
    """A metric's value: a share in percent, anything else as it is."""
    if value is None:
        return "none"
    return f"{value:.3%}" if _METRICS[metric].is_share else f"{value:.4g}"


def share_text(value: float | None) -> str:
    """A relative change in percent, with its sign."""
    return "" if value is None else f"{value:+.1%}"


def interval_text(low: float | None, high: float | None) -> str:
    """An interval of relative changes."""
    return "" if low is None or high is None else f"{low:+.1%} to {high:+.1%}"
