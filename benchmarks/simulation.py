"""Time and memory of the simulator, each world in a process of its own.

    python -m benchmarks.simulation                                     # the presets tiny and default
    python -m benchmarks.simulation --preset large --days 1 --days 6    # memory as the days grow

The figures include start and imports, because this measures the command `coldcast simulate`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import cost_of, rows_of
from simulation.config import PRESETS


def main() -> None:
    """Prints a line for each world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, action="append")
    parser.add_argument("--days", type=int, action="append", help="days of the period, at the preset's rows a day")
    options = parser.parse_args()
    print(
        f"{'preset':8} {'days':>4} {'impressions':>12} {'interactions':>13} {'wall s':>7} {'CPU s':>7} {'peak MiB':>9}"
    )
    for preset in options.preset or ("tiny", "default"):
        for days in options.days or [PRESETS[preset]["days"]]:
            _measure(preset, days)


def _measure(preset: str, days: int) -> None:
    sizes = PRESETS[preset]  # type: ignore[index]  # argparse lets presets through alone
    impressions = sizes["impressions"] * days // sizes["days"]
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        sets = ("--set", f"simulation.days={days}", "--set", f"simulation.impressions={impressions}")
        coldcast = Path(sys.executable).with_name("coldcast")
        cost = cost_of([str(coldcast), "simulate", "--preset", preset, "--out", str(logs), *sets])
        shown, acts = (rows_of(logs, table) for table in ("impressions", "interactions"))
    print(
        f"{preset:8} {days:4} {shown:12,} {acts:13,} {cost.wall:7.1f} {cost.cpu:7.1f} {cost.peak:9,.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
