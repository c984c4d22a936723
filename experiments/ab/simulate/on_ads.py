"""The policy `BRANCH@calibrated`: a model whose probabilities are fitted to ads, although it may have learned none."""

from components.evaluation.config import CANDIDATE
from components.evaluation.scores import label_column, read_scores, score_column
from experiments.ab.errors import ExperimentError
from experiments.ab.policies.policy import AD
from experiments.ab.simulate.scorer import logits_of
from models.calibration import Calibration, fit
from pipeline.metadata.records import Run


def kept_scores(run: Run, branch: str) -> str | None:
    """The folder of the scores of a branch on the test days; None if the run kept none."""
    return next(iter(run.outputs(f"Evaluator.{branch}", "scores")), None)


def calibration_on_ads(run: Run, branch: str, label: str, head: str) -> Calibration:
    """The scale and bias (Platt 1999) that fit a head's probabilities to the outcomes of ads on the test days.

    These days lie before the simulated test: `models.scorers_of` takes no run that saw more. With few
    outcomes, only the bias is fitted, or nothing (`fit`).

    Args:
        run: it has judged the branch.
        branch: the branch.
        label: the outcome.
        head: the head of the branch.

    Raises:
        ExperimentError: the run kept no scores of the branch.
    """
    folder = kept_scores(run, branch)
    if folder is None:
        raise ExperimentError(
            f"--policies {branch}@calibrated: the run {run.id} kept no scores of {branch}; run the pipeline again"
        )
    scores = read_scores(folder, ["source", label_column(label), score_column(CANDIDATE, head)])
    ads = scores.rows["source"].to_numpy() == AD
    return fit(logits_of(scores.score(head)[ads]), scores.label(label)[ads])
