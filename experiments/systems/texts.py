"""Figures of cells as text."""

from components.evaluation.paired.row import PairedRow


def change_text(row: PairedRow, *, digits: int = 1) -> str:
    """The relative change: `!` before it if its interval excludes 0, `*` behind it with too few positives."""
    if row.relative is None:
        return "none"
    if not row.judged:
        return f"{row.relative:+.{digits}%} *"
    return f"{'! ' if row.excludes_zero else ''}{row.relative:+.{digits}%}"


def interval_text(row: PairedRow) -> str:
    """The 95 % interval of the relative change."""
    if row.relative_low is None or row.relative_high is None:
        return ""
    high = "more" if row.relative_high > 99 else f"{row.relative_high:+.1%}"
    return f"{row.relative_low:+.1%} to {high}"


def ap_text(ap: float | None) -> str:
    """An AP with four digits."""
    return "none" if ap is None else f"{ap:.4f}"


def slice_text(row: PairedRow) -> str:
    """The slice without its source: `all`, `tier 3`, `less-streamed`, or `unseen show`."""
    keys = {key: value for key, value in row.keys.items() if key != "source"}
    if not keys:
        return "all"
    ((key, value),) = keys.items()
    return f"tier {value}" if key == "stream_tier" else key.replace("_", "-" if key == "less_streamed" else " ")
