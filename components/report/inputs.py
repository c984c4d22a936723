"""The inputs of a report: folders of artifacts, other models to compare with, and the names of the run."""

from dataclasses import dataclass

from components.split.windows import SplitWindow

CHECKS = {
    "drift": "this run beside the last one",
    "train_test": "test beside training days",
    "anomalies": "rows beside the schema",
}
"""The two sides of each check of the data, in words for the page."""


@dataclass(frozen=True)
class BranchInputs:
    """The artifacts of one judged branch.

    Attributes:
        name: the branch's name.
        evaluation: folder of the ModelEvaluation.
        scores: folder of the scores of each test row; empty if they were not kept.
        blessing: folder of the ModelBlessing; empty if there is none.
        model_run: folder with the training report; empty if there is none.
        recipe: the recipe's name; empty if it is not known.
        seed: of training; None if it is not known.
    """

    name: str
    evaluation: str
    scores: str = ""
    blessing: str = ""
    model_run: str = ""
    recipe: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class RunInputs:
    """The artifacts of a run that its results are read from.

    Attributes:
        branches: the judged branches; the others are compared with the first one.
        accounting: folder of ingestion's accounting; empty if there is none.
        anomalies: folders with anomalies, by what was compared.
        windows: days and rows of each split.
    """

    branches: tuple[BranchInputs, ...]
    accounting: str = ""
    anomalies: tuple[tuple[str, str], ...] = ()
    windows: tuple[SplitWindow, ...] = ()


@dataclass(frozen=True)
class OtherModel:
    """A model beside those of the run.

    Attributes:
        name: how the page calls it.
        scores: folder of its scores.
    """

    name: str
    scores: str


@dataclass(frozen=True)
class RunContext:
    """The parts of a page that are not results of the run. Only a finished run has all of them.

    Attributes:
        pipeline, run: names of both.
        written: when the run began, as text; empty if it is not known.
        published: the published version that is this run's model; empty if none, None if it is not known.
        own: the scores of each judged branch, to compare `against`; those that were kept.
        against: models of another run to compare each branch with.
        latest: the scores of the branch that is pushed, for the trend; None if they were not kept.
        earlier: earlier models of that branch, the oldest first, for the trend.
        lineage: what the run was made from, as pairs of a name and a text.
    """

    pipeline: str
    run: str
    written: str = ""
    published: str | None = None
    own: tuple[OtherModel, ...] = ()
    against: tuple[OtherModel, ...] = ()
    latest: OtherModel | None = None
    earlier: tuple[OtherModel, ...] = ()
    lineage: tuple[tuple[str, str], ...] = ()
