"""The models that `coldcast compare` compares. Each is a branch of a run."""

from dataclasses import dataclass

from components.evaluation.scores import Scores, read_scores
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.runs import find_run, list_runs


@dataclass(frozen=True, eq=False)
class ScoredModel:
    """A judged model.

    Attributes:
        run: the run that judged it.
        branch: its branch.
        scores: of the test rows.
        uri: the folder of the trained model, or of the scores if the model is removed.
    """

    run: Run
    branch: str
    scores: Scores
    uri: str = ""

    @property
    def name(self) -> str:
        """`RUN/BRANCH`, with the whole id of the run."""
        return f"{self.run.id}/{self.branch}"


NEWEST, PUBLISHED = "newest", "published"
"""Names for the newest run, and for the newest run that published its model."""


def find_model(config: Config, text: str) -> ScoredModel:
    """The model that `text`, `RUN` or `RUN/BRANCH`, names.

    Without a branch, it is the one that the config pushes; if the run has not judged that one, its last one.

    Args:
        config: gives the runs.
        text: the first characters of a run's id are enough; `newest` and `published` are runs, too.

    Raises:
        RunsError: there is no such run, it has not judged the branch, or the scores are removed.
    """
    name, _, branch = text.partition("/")
    run = _published_run(config) if name == PUBLISHED else find_run(config, None if name == NEWEST else name)
    if not run.branches:
        raise RunsError(f"run {run.id} has no model to compare: it judged none, or `coldcast runs clean` removed them")
    pushed = config.pushed_branch
    branch = branch or (pushed.name if pushed and pushed.name in run.branches else run.branches[-1])
    uris = run.outputs(f"Evaluator.{branch}", "scores")
    if branch not in run.branches:
        raise RunsError(f"run {run.id} has no branch {branch!r}; its branches are {', '.join(run.branches)}")
    if not uris:
        raise RunsError(f"run {run.id} kept no scores of {branch}; run the pipeline again to compare it")
    trained = run.outputs(f"Trainer.{branch}", "model")
    return ScoredModel(run, branch, read_scores(uris[0]), (trained or uris)[0])


def _published_run(config: Config) -> Run:
    for run in reversed(list_runs(config)):
        if run.published:
            return run
    raise RunsError(f"no run of {config.name} has published a model; `coldcast runs list` shows the runs")
