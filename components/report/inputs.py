"""Where everything lies that a report is made from."""

from dataclasses import dataclass


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
class OtherModel:
    """A model of another run.

    Attributes:
        name: how the page calls it.
        scores: folder of its scores.
    """

    name: str
    scores: str


@dataclass(frozen=True)
class Inputs:
    """Everything that a report is made from.

    Attributes:
        pipeline, run: names of both.
        written: when the run began, as text.
        branches: the judged branches; the others are compared with the first one.
        published: the published version that is this run's model; empty if none.
        accounting: folder of ingestion's accounting; empty if there is none.
        anomalies: folders with anomalies, by what was compared.
        against: models of another run to compare each branch with.
        earlier: earlier models of the pushed branch, the oldest first, for the trend.
        splits: for each split its name, its first and its last day, and its labelled impressions by source.
        lineage: what the run was made from, as pairs of a name and a text.
    """

    pipeline: str
    run: str
    written: str
    branches: tuple[BranchInputs, ...]
    published: str = ""
    accounting: str = ""
    anomalies: tuple[tuple[str, str], ...] = ()
    against: tuple[OtherModel, ...] = ()
    earlier: tuple[OtherModel, ...] = ()
    splits: tuple[tuple[str, str, str, dict[str, int]], ...] = ()
    lineage: tuple[tuple[str, str], ...] = ()
