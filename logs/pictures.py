"""Pictures of raw logs, simulated or real (docs/world.md shows them)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

from files.paths import local_folder
from logs.errors import LogError, one_line
from logs.summary import base_rates, reactions, scan, show_hours, tiers
from transforms.domain import STREAM, Domain

_SOURCE_COLOURS = ("#1b7f5c", "#c2571a", "#31487f", "#8a3f8f", "#b08a1e", "#4a4a4a")
_KIND_COLOURS = ("#31487f", "#8a3f8f", "#c2571a", "#1b7f5c", "#b08a1e", "#4a4a4a")
"""Colours by position; further sources and kinds begin again with the first colour."""

_LATEST_HOURS = 96
"""Delays are drawn up to here."""

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


@dataclass(frozen=True)
class _Pictured:
    """The logs to draw, and how the config counts.

    Attributes:
        logs: folder of the raw logs.
        domain: sources, labels, and their windows.
        boundaries_hours: falling hours between the stream tiers.
    """

    logs: Path
    domain: Domain
    boundaries_hours: tuple[float, ...]

    @property
    def min_stream_ms(self) -> int:
        """Tiers count streams longer than this."""
        return self.domain.labels[STREAM].min_stream_ms


def draw_world(
    logs: str | Path, out: str | Path, domain: Domain, tier_boundaries_hours: tuple[float, ...]
) -> list[Path]:
    """Draws popularity, tiers, base rates, hours, and delays as PNG files.

    Args:
        logs: a folder of raw logs on this machine.
        out: the folder for the pictures; pictures of the same names are replaced.
        domain: the sources and labels to draw.
        tier_boundaries_hours: falling hours between the stream tiers.

    Returns:
        The paths of the pictures.

    Raises:
        FolderError: `logs` or `out` is not on this machine.
        LogError: `logs` holds no impressions or no interactions, or breaks the contract.
    """
    pictured = _Pictured(local_folder(logs), domain, tier_boundaries_hours)
    out = local_folder(out)
    shown, _ = scan(pictured.logs, "impressions"), scan(pictured.logs, "interactions")
    try:
        if not shown.filter(pl.col("source").is_in(domain.sources)).select(pl.len()).collect().item():
            raise LogError(
                f"the files in {logs} hold no impressions of {' or '.join(domain.sources)}: name a folder of raw logs."
            )
        return _draw(pictured, out)
    except pl.exceptions.PolarsError as error:
        raise LogError(
            f"the logs in {logs} cannot be drawn ({one_line(error)}): `coldcast check-logs --logs {logs}` says what is "
            "wrong."
        ) from None


def _draw(pictured: _Pictured, out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    drawn = []
    with plt.rc_context(_STYLE):
        for name, draw in (
            ("popularity", _popularity),
            ("tiers", _tiers),
            ("base_rates", _base_rates),
            ("hours", _hours),
            ("delays", _delays),
        ):
            figure, axes = plt.subplots()
            draw(axes, pictured)
            path = out / f"{name}.png"
            figure.savefig(path, metadata={"Software": None})
            plt.close(figure)
            drawn.append(path)
    return drawn


def _popularity(axes: Axes, pictured: _Pictured) -> None:
    of_days = show_hours(pictured.logs, pictured.min_stream_ms)
    hours = of_days.filter(pl.col("date") == pl.col("date").max())["hours"].sort(descending=True)
    axes.loglog(np.arange(1, len(hours) + 1), hours, color="#31487f", linewidth=2)
    for tier, hour in enumerate(pictured.boundaries_hours):
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
        ylabel=f"hours listened in the 30 days\nbefore the last day (streams > {pictured.min_stream_ms / 1000:g} s)",
    )


def _tiers(axes: Axes, pictured: _Pictured) -> None:
    boundaries = pictured.boundaries_hours
    counts = tiers(pictured.logs, pictured.min_stream_ms, boundaries).group_by("source", "stream_tier").len()
    heights = {
        source: [dict(_by_tier(counts, source)).get(tier, 0) for tier in range(len(boundaries) + 1)]
        for source in pictured.domain.sources
    }
    _bars(axes, heights, {source: [_short(count) for count in row] for source, row in heights.items()})
    axes.set_yscale("log")
    axes.set_ylim(bottom=10 ** np.floor(np.log10(counts["len"].to_numpy().min()) - 0.3))
    axes.yaxis.set_major_formatter(_COUNTS)
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


def _by_tier(counts: pl.DataFrame, source: str) -> Iterator[tuple[int, int]]:
    return counts.filter(pl.col("source") == source).select("stream_tier", "len").iter_rows()


def _base_rates(axes: Axes, pictured: _Pictured) -> None:
    labels = list(pictured.domain.labels)
    rows = base_rates(pictured.logs, pictured.domain).select("source", "label", "rate", "positives").iter_rows()
    rates = {(source, label): (rate, positives) for source, label, rate, positives in rows}
    pairs = {source: [rates.get((source, label), (0.0, 0)) for label in labels] for source in pictured.domain.sources}
    _bars(
        axes,
        {source: [rate for rate, _ in row] for source, row in pairs.items()},
        {source: [f"{rate:.2%}\n({_short(count)})" for rate, count in row] for source, row in pairs.items()},
    )
    highest = max(rate for rate, _ in rates.values())
    if highest:  # a log scale cannot show zeros alone
        axes.set_yscale("log")
        axes.set_ylim(top=highest * 3)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xticks(range(len(labels)), labels)
    windows = _kinds_of_windows(pictured.domain)
    within = f"{next(iter(windows)):g} hours" if len(windows) == 1 else "its window"
    axes.set(
        title="Base rates by source",
        xlabel=f"outcome within {within} (in brackets: impressions with it)",
        ylabel="share of impressions",
    )
    axes.legend()


def _bars(axes: Axes, heights: Mapping[str, Sequence[float]], labels: Mapping[str, Sequence[str]]) -> None:
    """Groups of bars side by side, one bar of each group for each source."""
    place = 0.8 / len(heights)
    for position, (source, row) in enumerate(heights.items()):
        at = np.arange(len(row)) + (position - (len(heights) - 1) / 2) * place
        bars = axes.bar(at, row, place * 0.95, color=_colour(_SOURCE_COLOURS, position), label=source)
        axes.bar_label(bars, labels=labels[source], fontsize=8, padding=1)
    axes.grid(axis="x", visible=False)


def _hours(axes: Axes, pictured: _Pictured) -> None:
    hour = pl.col("timestamp").dt.hour().alias("hour")
    shown, acted = scan(pictured.logs, "impressions"), scan(pictured.logs, "interactions")
    lines = [
        (source, _colour(_SOURCE_COLOURS, position), "-", shown.filter(pl.col("source") == source))
        for position, source in enumerate(pictured.domain.sources)
    ]
    organic = acted.filter((pl.col("kind") == STREAM) & pl.col("impression_id").is_null())
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


def _delays(axes: Axes, pictured: _Pictured) -> None:
    acted = reactions(pictured.logs, pictured.domain).filter(pl.col("hours").is_between(0, _LATEST_HOURS))
    kinds = list(pictured.domain.windows_us)
    for position, kind in enumerate(kinds):
        hours = np.sort(acted.filter((pl.col("kind") == kind) & pl.col("named"))["hours"].to_numpy())
        label = f"{kind}, names the impression ({len(hours):,})"
        _cumulative(axes, hours, _colour(_KIND_COLOURS, position), "-", label)
    hours = np.sort(acted.filter((pl.col("kind") == STREAM) & ~pl.col("named"))["hours"].to_numpy())
    colour = _colour(_KIND_COLOURS, kinds.index(STREAM))
    _cumulative(axes, hours, colour, "--", f"stream, names none ({len(hours):,})")
    windows = _kinds_of_windows(pictured.domain)
    for window, kinds_of_window in windows.items():
        of = "" if len(windows) == 1 else f" of {', '.join(kinds_of_window)}"
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
        ylabel=f"share of the actions that came by then,\nof those within {_LATEST_HOURS} h",
        xlim=(0.5 / 3600, _LATEST_HOURS),
        ylim=(0, 1.02),
    )
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=8, loc=(0.47, 0.2))


def _kinds_of_windows(domain: Domain) -> dict[float, list[str]]:
    """The attribution windows in hours, each with the kinds that have it."""
    windows: dict[float, list[str]] = {}
    for label in domain.labels.values():
        kinds = windows.setdefault(label.window_hours, [])
        if label.kind not in kinds:
            kinds.append(label.kind)
    return windows


def _colour(colours: tuple[str, ...], position: int) -> str:
    return colours[position % len(colours)]


def _cumulative(axes: Axes, hours: np.ndarray, colour: str, dashes: str, label: str) -> None:
    if not len(hours):
        return
    shares = np.arange(1, len(hours) + 1) / len(hours)
    axes.plot(np.maximum(hours, 0.5 / 3600), shares, dashes, color=colour, label=label, linewidth=1.8)


def _short(count: int) -> str:
    if count < 1_000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 10_000 else f"{count / 1000:,.0f}k"
