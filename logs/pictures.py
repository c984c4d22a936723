"""The world in pictures, drawn from its logs alone (docs/world.md shows them)."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
import polars as pl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from components.ingestion.config import IngestionConfig
from logs.summary import base_rates, reactions, scan, show_hours, tiers
from simulation.config import SimulationError
from simulation.files import local_folder
from transforms.labels import LABELS, SOURCES

COLOURS = {"promotion": "#1b7f5c", "ad": "#c2571a"}
NAMES = {"promotion": "promotions", "ad": "ads"}
KIND_COLOURS = dict(zip(LABELS, ("#31487f", "#8a3f8f", "#c2571a", "#1b7f5c"), strict=True))
_STYLE: dict[str, Any] = {
    "figure.figsize": (8, 4.5),
    "figure.dpi": 110,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "savefig.bbox": "tight",
    "svg.hashsalt": "coldcast",
}
_COUNTS = FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")


def draw_world(logs: str | Path, out: str | Path, ingestion: IngestionConfig) -> list[Path]:
    """Draws popularity, tiers, base rates, hours and delays as PNG files.

    Args:
        logs: a folder of raw logs on this machine.
        out: the folder for the pictures; pictures of the same names are replaced.
        ingestion: the tiers' boundaries, the windows and the least length of a stream.

    Returns:
        The pictures' paths.

    Raises:
        SimulationError: `logs` holds no impressions or no interactions, or they break the contract.
    """
    logs, out = local_folder(logs), local_folder(out)
    shown, _ = scan(logs, "impressions"), scan(logs, "interactions")
    try:
        if not shown.select(pl.len()).collect().item():
            raise SimulationError(f"the impressions in {logs} are files without rows: name a folder of raw logs.")
        return _draw(logs, out, ingestion)
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise SimulationError(
            f"the logs in {logs} cannot be drawn ({reason}): `coldcast check-logs --logs {logs}` says what is wrong."
        ) from None


def _draw(logs: Path, out: Path, ingestion: IngestionConfig) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    drawn = []
    with plt.rc_context(_STYLE):
        for name, draw in (
            ("popularity", lambda axes: _popularity(axes, logs, ingestion)),
            ("tiers", lambda axes: _tiers(axes, logs, ingestion)),
            ("base_rates", lambda axes: _base_rates(axes, logs, ingestion)),
            ("hours", lambda axes: _hours(axes, logs)),
            ("delays", lambda axes: _delays(axes, logs, ingestion)),
        ):
            figure, axes = plt.subplots()
            draw(axes)
            path = out / f"{name}.png"
            figure.savefig(path, metadata={"Software": None})
            plt.close(figure)
            drawn.append(path)
    return drawn


def _popularity(axes: Axes, logs: Path, ingestion: IngestionConfig) -> None:
    of_days = show_hours(logs, ingestion.min_stream_ms)
    hours = of_days.filter(pl.col("date") == pl.col("date").max())["hours"].sort(descending=True)
    axes.loglog(np.arange(1, len(hours) + 1), hours, color="#31487f", linewidth=2)
    for tier, hour in enumerate(ingestion.tier_boundaries_hours):
        axes.axhline(hour, color="#999999", linewidth=0.8, linestyle=":")
        axes.annotate(
            f"tier {tier} from {hour:,g} h", (0.01, hour), xycoords=("axes fraction", "data"), fontsize=8,
            color="#666666", ha="left", va="bottom",
        )  # fmt: skip
    axes.xaxis.set_major_formatter(_COUNTS)
    axes.yaxis.set_major_formatter(_COUNTS)
    axes.set(
        title="Popularity: listening by rank of show",
        xlabel="rank of the show",
        ylabel=f"hours listened in the 30 days\nbefore the last day (streams > {ingestion.min_stream_seconds:g} s)",
    )


def _tiers(axes: Axes, logs: Path, ingestion: IngestionConfig) -> None:
    boundaries = ingestion.tier_boundaries_hours
    counts = tiers(logs, ingestion).group_by("source", "stream_tier").len()
    for offset, source in ((-0.2, "promotion"), (0.2, "ad")):
        by_tier = dict(counts.filter(pl.col("source") == source).select("stream_tier", "len").iter_rows())
        heights = [by_tier.get(tier, 0) for tier in range(len(boundaries) + 1)]
        bars = axes.bar(np.arange(len(heights)) + offset, heights, 0.38, color=COLOURS[source], label=NAMES[source])
        axes.bar_label(bars, labels=[_short(height) for height in heights], fontsize=8, padding=1)
    axes.set_yscale("log")
    axes.set_ylim(bottom=10 ** np.floor(np.log10(counts["len"].to_numpy().min()) - 0.3))
    axes.yaxis.set_major_formatter(_COUNTS)
    axes.grid(axis="x", visible=False)
    names = [f">= {boundaries[0]:,g} h"]
    names += [f"{low:,g} to\n{high:,g} h" for high, low in pairwise(boundaries)]
    names.append(f"< {boundaries[-1]:,g} h")
    axes.set_xticks(range(len(names)), [f"{tier}\n{name}" for tier, name in enumerate(names)], fontsize=8)
    axes.set(
        title="Impressions by stream tier and source",
        xlabel="stream tier, and the show's listening hours in the 30 days before",
        ylabel="impressions",
    )
    axes.legend(loc="upper left")


def _base_rates(axes: Axes, logs: Path, ingestion: IngestionConfig) -> None:
    rows = base_rates(logs, ingestion).select("source", "kind", "rate", "positives").iter_rows()
    rates = {(source, kind): (rate, positives) for source, kind, rate, positives in rows}
    for offset, source in ((-0.2, "promotion"), (0.2, "ad")):
        pairs = [rates.get((source, kind), (0.0, 0)) for kind in LABELS]
        heights = [rate for rate, _ in pairs]
        bars = axes.bar(np.arange(len(LABELS)) + offset, heights, 0.38, color=COLOURS[source], label=NAMES[source])
        labels = [f"{rate:.2%}\n({_short(positives)})" for rate, positives in pairs]
        axes.bar_label(bars, labels=labels, fontsize=8, padding=1)
    highest = max(rate for rate, _ in rates.values())
    if highest:  # a log scale has no place for nothing
        axes.set_yscale("log")
        axes.set_ylim(top=highest * 3)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(axis="x", visible=False)
    axes.set_xticks(range(len(LABELS)), LABELS)
    windows = _kinds_of_windows(ingestion)
    within = f"{next(iter(windows)):g} hours" if len(windows) == 1 else "its window"
    axes.set(
        title="Base rates by source",
        xlabel=f"outcome within {within} (in brackets: impressions with it)",
        ylabel="share of impressions",
    )
    axes.legend()


def _hours(axes: Axes, logs: Path) -> None:
    hour = pl.col("timestamp").dt.hour().alias("hour")
    lines = [
        (NAMES[source], COLOURS[source], "-", scan(logs, "impressions").filter(pl.col("source") == source))
        for source in SOURCES
    ]
    organic = scan(logs, "interactions").filter((pl.col("kind") == "stream") & pl.col("impression_id").is_null())
    lines.append(("streams that name no impression", "#31487f", "--", organic))
    for name, colour, dashes, rows in lines:
        counts = dict(rows.select(hour).group_by("hour").len().collect().iter_rows())
        total = sum(counts.values())
        if not total:
            continue
        shares = [counts.get(number, 0) / total for number in range(24)]
        axes.plot(range(24), shares, dashes, color=colour, label=name, linewidth=2, marker="o", markersize=3)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xticks(range(0, 24, 3), [f"{number:02d}" for number in range(0, 24, 3)])
    axes.set(
        title="Hour of day",
        xlabel="hour of day (UTC)",
        ylabel="share of the day",
        ylim=(0, None),
    )
    axes.legend()


def _delays(axes: Axes, logs: Path, ingestion: IngestionConfig) -> None:
    found = reactions(logs, ingestion.min_stream_ms).filter(pl.col("hours").is_between(0, 96))
    for kind in LABELS:
        hours = np.sort(found.filter((pl.col("kind") == kind) & pl.col("named"))["hours"].to_numpy())
        _cumulative(axes, hours, KIND_COLOURS[kind], "-", f"{kind}, names the impression ({len(hours):,})")
    hours = np.sort(found.filter((pl.col("kind") == "stream") & ~pl.col("named"))["hours"].to_numpy())
    _cumulative(axes, hours, KIND_COLOURS["stream"], "--", f"stream, names none ({len(hours):,})")
    windows = _kinds_of_windows(ingestion)
    for window, kinds in windows.items():
        of = "" if len(windows) == 1 else f" of {', '.join(kinds)}"
        axes.axvline(window, color="#444444", linewidth=1)
        axes.annotate(
            f"window{of} ends: {window:g} h", (window * 1.1, 0.02), fontsize=8, rotation=90, va="bottom", clip_on=True
        )
    axes.set_xscale("log")
    ticks = {
        1 / 3600: "1 s",
        10 / 3600: "10 s",
        1 / 60: "1 min",
        1 / 6: "10 min",
        1: "1 h",
        6: "6 h",
        24: "1 d",
        72: "3 d",
    }
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set(
        title="Delay of outcomes",
        xlabel="time from the impression to the action (log scale)",
        ylabel="share of the actions that came by then,\nof those within 96 h",
        xlim=(0.5 / 3600, 96),
        ylim=(0, 1.02),
    )
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=8, loc=(0.47, 0.2))


def _kinds_of_windows(ingestion: IngestionConfig) -> dict[float, list[str]]:
    """The attribution windows in hours, each with the kinds that have it."""
    windows: dict[float, list[str]] = {}
    for kind, hours in ingestion.windows_hours.model_dump().items():
        windows.setdefault(hours, []).append(kind)
    return windows


def _cumulative(axes: Axes, hours: np.ndarray, colour: str, dashes: str, label: str) -> None:
    if not len(hours):
        return
    shares = np.arange(1, len(hours) + 1) / len(hours)
    axes.plot(np.maximum(hours, 0.5 / 3600), shares, dashes, color=colour, label=label, linewidth=1.8)


def _short(count: int) -> str:
    if count < 1_000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 10_000 else f"{count / 1000:,.0f}k"
