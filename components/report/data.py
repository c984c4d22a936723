"""The content of a report, as typed records. The page and the CSV files render them; no figure is computed there."""

from dataclasses import dataclass

from components.evaluation.paired.correction import Tally
from components.evaluation.paired.row import PairedRow
from components.evaluation.results import SliceFigure
from components.ingestion.outputs.accounting import Accounting
from components.split.windows import SplitWindow


@dataclass(frozen=True)
class Bin:
    """One point of a reliability curve: the rows whose predictions are alike.

    Attributes:
        predicted: mean prediction.
        observed: share of rows with the outcome, and its 95 % interval `low` to `high` by user; None without outcomes.
        examples, positives: counts of rows.
    """

    predicted: float
    observed: float
    low: float | None
    high: float | None
    examples: int
    positives: int


@dataclass(frozen=True)
class TierCurve:
    """A reliability curve of the rows of some stream tiers; `judged` if they have enough positives."""

    tiers: str
    reliability: tuple[Bin, ...]
    judged: bool


@dataclass(frozen=True)
class Curves:
    """The curves of one head's scores on the rows of one source.

    Attributes:
        head, label, source: of the scores.
        reliability: from the least to the greatest prediction.
        by_tiers: the same for the shows of some stream tiers, the most listened ones first.
        precision: pairs of recall and precision, at most 100.
        histogram: triples of a score, the share of rows without the outcome, and of rows with it, that have it.
    """

    head: str
    label: str
    source: str
    reliability: tuple[Bin, ...]
    by_tiers: tuple[TierCurve, ...]
    precision: tuple[tuple[float, float], ...]
    histogram: tuple[tuple[float, float, float], ...]


TRAINING = "training"


@dataclass(frozen=True)
class EpochReading:
    """How well a head predicted some rows in one epoch of training.

    Attributes:
        number: of the epoch, from 1.
        label, head: of the prediction.
        rows: `TRAINING`, whose batches have as many rows of each source, or the source of the validation rows.
        ap: average precision on validation; None without positives, and for the training rows.
        loss: the mean binary cross-entropy in nats, before calibration; None if it was not kept.
        chosen: whether the model has the weights of this epoch.
    """

    number: int
    label: str
    head: str
    rows: str
    ap: float | None
    loss: float | None
    chosen: bool


@dataclass(frozen=True)
class BranchReport:
    """One judged model.

    Attributes:
        name, recipe, seed: of the branch; the recipe is empty, and the seed None, if they are not known.
        blessed: whether it was blessed; None if it was not judged for that.
        reasons: why it was not blessed, one sentence each.
        warm_start: whether it started from an earlier model's weights.
        figures: AP, calibration, and counts of each head and slice.
        curves: by head and source; empty if the scores were not kept.
        epochs: of its training, by head and kind of rows.
    """

    name: str
    recipe: str
    seed: int | None
    blessed: bool | None
    reasons: tuple[str, ...]
    warm_start: bool
    figures: tuple[SliceFigure, ...]
    curves: tuple[Curves, ...]
    epochs: tuple[EpochReading, ...]

    def judges(self, curves: Curves) -> bool:
        """Whether the rows of `curves` have enough positives, as their figure says."""
        keys = {"source": curves.source}
        return all(figure.judged for figure in self.figures if (figure.head, figure.keys) == (curves.head, keys))


LAST_BLESSED = "the last blessed model"
"""The name of the last blessed model of a branch in a `Change`."""


@dataclass(frozen=True)
class Change:
    """The differences of a model from another one on the same test rows.

    Attributes:
        model, other: names of both.
        rows: by label, slice, and measure, corrected for each other.
        tally: how many of the differences in AP exclude 0, and how many would by chance.
    """

    model: str
    other: str
    rows: tuple[PairedRow, ...]
    tally: Tally


@dataclass(frozen=True)
class Trend:
    """An earlier model beside this run's, on the test rows that they have in common.

    Attributes:
        name: the run of the earlier model.
        rows: the difference of this run's model from it, by label and source, in AP.
        problem: why there are no rows; empty if there are some.
    """

    name: str
    rows: tuple[PairedRow, ...]
    problem: str = ""


@dataclass(frozen=True)
class Anomaly:
    """Something unusual in the data, as TensorFlow Data Validation reports it."""

    check: str
    feature: str
    description: str


@dataclass(frozen=True)
class Drift:
    """How far the distribution of a feature is from another one, as TensorFlow Data Validation measures it.

    Attributes:
        check: what was compared.
        feature: its name.
        measure: the distance: L-infinity or Jensen-Shannon, both from 0 to 1.
        distance: the measured one.
        limit: a larger distance stops a run (the section `validation` of the config).
    """

    check: str
    feature: str
    measure: str
    distance: float
    limit: float


@dataclass(frozen=True)
class RunResults:
    """The results of a run, read from its artifacts. The node `Report` keeps them, so nobody compares the scores again.

    Attributes:
        branches: the judged models.
        changes: each branch beside the first one, and beside the last blessed model (`LAST_BLESSED`).
        accounting: where every row of the logs went; None if it is gone.
        windows: days and rows of each split.
        checks: the checks of the data that were made.
        anomalies: those that these checks report.
        drift: by check, the features that are closest to their limit first.
    """

    branches: tuple[BranchReport, ...]
    changes: tuple[Change, ...]
    accounting: Accounting | None
    windows: tuple[SplitWindow, ...]
    checks: tuple[str, ...]
    anomalies: tuple[Anomaly, ...]
    drift: tuple[Drift, ...]


@dataclass(frozen=True)
class RunReport(RunResults):
    """Everything on the page; attributes that are not here are those of `RunContext`.

    Attributes:
        verdict: the outcome in a few sentences.
        trend: this run's model of the branch `followed` beside earlier ones.
        followed: the branch that is pushed; if none is, the last one. Empty without scores, or if it is not known.
    """

    pipeline: str
    run: str
    written: str
    published: str | None
    verdict: tuple[str, ...]
    trend: tuple[Trend, ...]
    followed: str
    lineage: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Guarded:
    """A guard, which is a difference that must not be worse, with its verdict.

    Attributes:
        model: the model beside the reference.
        guard: its name.
        verdict: `passed`, `worse`, or `not judged`.
        row: the difference.
    """

    model: str
    guard: str
    verdict: str
    row: PairedRow


@dataclass(frozen=True)
class Comparison:
    """Everything on the page of `coldcast compare`.

    Attributes:
        title: of the page.
        sentences: what came out, for a reader who reads nothing else.
        changes: each model beside the reference.
        guards: of each model.
    """

    title: str
    sentences: tuple[str, ...]
    changes: tuple[Change, ...]
    guards: tuple[Guarded, ...]
