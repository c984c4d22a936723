"""Guards: differences that must not be worse, for a check that a machine makes."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from components.evaluation.paired.measures import AP, CALIBRATION, LOG_LOSS, MEASURES
from components.evaluation.paired.row import PairedRow
from pipeline.errors import RunsError

PASSED, WORSE, NOT_JUDGED = "passed", "worse", "not judged"


@dataclass(frozen=True)
class Guard:
    """One difference that must not be worse.

    Attributes:
        label: the label, such as `stream`.
        slice: the slice's name, such as `source=ad, stream_tier=3`, or `overall`.
        measure: a name of `MEASURES`.
    """

    label: str
    slice: str
    measure: str

    @property
    def name(self) -> str:
        """As it is written on the command line, with everything that may be left out."""
        return f"{self.label}:{self.slice.replace(', ', ',')}:{self.measure}"

    def row(self, rows: Sequence[PairedRow]) -> PairedRow:
        """The row that the guard is about.

        Raises:
            RunsError: there is none.
        """
        of_label = [row for row in rows if row.label == self.label]
        if not of_label:
            known = ", ".join(dict.fromkeys(row.label for row in rows))
            raise RunsError(f"guard {self.name}: both models predict no label {self.label!r}; they predict {known}")
        for row in of_label:
            if (row.slice, row.measure) == (self.slice, self.measure):
                return row
        raise RunsError(
            f"guard {self.name}: there is no slice {self.slice!r}; --csv FILE writes every slice with its name"
        )


def parse_guard(text: str) -> Guard:
    """The guard that `LABEL[:SLICE[:MEASURE]]` names; without a slice all rows, without a measure AP.

    Raises:
        RunsError: `text` has another form, or there is no such measure.
    """
    label, slice_, measure, *rest = [*text.split(":"), "", ""][: max(3, text.count(":") + 1)]
    if not label or rest:
        raise RunsError(f"--guard {text}: write LABEL:SLICE:MEASURE, such as stream:source=ad,less_streamed=1:ap")
    if measure and measure not in MEASURES:
        raise RunsError(f"--guard {text}: there is no measure {measure!r}; valid measures are {', '.join(MEASURES)}")
    keys = sorted(part.strip() for part in slice_.split(",") if part.strip())
    if any(not re.fullmatch(r"\w+=[^=]+", key) for key in keys) and keys != ["overall"]:
        raise RunsError(
            f"--guard {text}: write the slice as COLUMN=VALUE,COLUMN=VALUE, such as source=ad,stream_tier=3"
        )
    return Guard(label, ", ".join(keys) or "overall", measure or AP)


def verdict(row: PairedRow) -> str:
    """`worse` if the row's interval says so: AP falls, log loss rises, or expected / observed goes away from 1."""
    if not row.judged or row.ours is None or row.theirs is None:
        return NOT_JUDGED
    if not row.excludes_zero:
        return PASSED
    worse = {
        AP: row.ours < row.theirs,
        LOG_LOSS: row.ours > row.theirs,
        CALIBRATION: abs(math.log(row.ours)) > abs(math.log(row.theirs)),
    }
    return WORSE if worse[row.measure] else PASSED
