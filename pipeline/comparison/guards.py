"""Guards: differences that must not be worse, for a check that a machine makes."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
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

    def find(self, rows: Sequence[PairedRow]) -> PairedRow | str:
        """The row that the guard is about, or why there is none. Of several heads of the label, it is the worst one."""
        of_label = [row for row in rows if row.label == self.label]
        if not of_label:
            known = ", ".join(dict.fromkeys(row.label for row in rows))
            return f"the models share no label {self.label!r}; both predict {known}"
        fitting = [row for row in of_label if (row.slice, row.measure) == (self.slice, self.measure)]
        if fitting:
            return min(fitting, key=lambda row: (WORSE, NOT_JUDGED, PASSED).index(verdict(row)))
        return f"there is no slice {self.slice!r}; --csv FILE writes every slice with its name"


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


@dataclass(frozen=True)
class GuardRows:
    """The guards of one model.

    Attributes:
        rows: the difference that each guard is about.
        missing: why a guard of the config has no such difference for this model.
    """

    rows: Mapping[Guard, PairedRow]
    missing: Mapping[Guard, str]


def guard_rows(guards: Iterable[Guard], rows: Sequence[PairedRow], refused: Collection[Guard]) -> GuardRows:
    """The rows of `guards`. A guard of the config is for all models, so it may not apply to these.

    Raises:
        RunsError: one of the `refused` guards, those of the command line, has no row.
    """
    of_guard: dict[Guard, PairedRow] = {}
    missing: dict[Guard, str] = {}
    for guard in guards:
        row = guard.find(rows)
        if isinstance(row, PairedRow):
            of_guard[guard] = row
        elif guard in refused:
            raise RunsError(f"--guard {guard.name}: {row}")
        else:
            missing[guard] = row
    return GuardRows(of_guard, missing)


def verdict(row: PairedRow) -> str:
    """`worse` if the row's interval says so: AP falls, log loss rises, or expected / observed goes away from 1.

    It is also worse if this model alone has a score that is not a number.
    """
    if row.ours is None and row.theirs is not None:
        return WORSE
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
