"""Gains of joint training at each point: its AP of streams beside that of the best silo, and beside that of pooling."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from components.evaluation.paired.correction import corrected
from components.evaluation.paired.row import PairedRow
from components.evaluation.slices import Slice
from experiments.systems.cells import ALL_WORLDS, cells_of
from experiments.systems.configs import ExperimentWorld, Model
from experiments.systems.judged import Judged
from experiments.systems.system import System
from experiments.transfer.grid import Coordinates, Point
from experiments.transfer.systems import AD, JOINT, POOLED, PROMOTION, SILOS
from transforms.labelled import LESS_STREAMED

BEST_SILO, POOLING = "best silo", "pooling"
RIVALS = (BEST_SILO, POOLING)

_SLICES = (Slice(("source",)), Slice(("source", LESS_STREAMED), only={LESS_STREAMED: 1}))


@dataclass(frozen=True)
class Gain:
    """Joint beside a rival at one point.

    Attributes:
        coordinates: of the point.
        source: the source whose rows count.
        rival: `best silo` or `pooling`.
        system: the rival's name.
        row: the comparison of AP of streams.
    """

    coordinates: Coordinates
    source: str
    rival: str
    system: str
    row: PairedRow

    @property
    def cold(self) -> bool:
        """Whether only less-streamed shows count."""
        return LESS_STREAMED in self.row.keys


def gains_of(judged: Mapping[Model, Judged], points: Sequence[Point]) -> tuple[Gain, ...]:
    """The gains of every point, source, and rival, for all rows and for less-streamed shows; corrected."""
    gains = []
    for point in points:
        coordinates = counted(point.coordinates, judged, point.world)
        rivals = [
            (source, rival, system)
            for source, silos in SILOS.items()
            for rival, system in ((BEST_SILO, best(judged, point.world, silos, source)), (POOLING, POOLED))
        ]
        pairs = [(JOINT, system) for system in dict.fromkeys(system for _, _, system in rivals)]
        cells = [cell for cell in cells_of(judged, [point.world], pairs, _SLICES) if cell.world == ALL_WORLDS]
        gains += [
            Gain(coordinates, source, rival, system.name, cell.row)
            for source, rival, system in rivals
            for cell in cells
            if cell.against == system.name and cell.row.keys["source"] == source
        ]
    rows = corrected([gain.row for gain in gains])
    return tuple(replace(gain, row=row) for gain, row in zip(gains, rows, strict=True))


def best(judged: Mapping[Model, Judged], world: ExperimentWorld, silos: Sequence[System], source: str) -> System:
    """The silo with the greatest mean AP of streams of `source` on the validation days, which alone choose."""

    def validation(system: System) -> float:
        own = [model for model in judged if model.world is world and model.system == system]
        return statistics.fmean(judged[model].validation.get(source, 0.0) for model in own)

    return max(silos, key=validation)


def counted(at: Coordinates, judged: Mapping[Model, Judged], world: ExperimentWorld) -> Coordinates:
    """The coordinates with the ratio and the amount of the labelled impressions, if the world's config has none."""
    if at.scarce:
        return at
    rows = next(result.labelled for model, result in judged.items() if model.world is world)
    ads, promotions = rows.get(AD, 0), rows.get(PROMOTION, 0)
    ratio = ads / promotions
    # The map has its logarithm, so a small ratio must not become 0.
    return replace(at, ratio=round(ratio, 2) if ratio >= 0.1 else float(f"{ratio:.2g}"), scarce=min(ads, promotions))
