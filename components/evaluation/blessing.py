"""Whether an evaluated model was blessed, and why not."""

from dataclasses import dataclass

from apache_beam.io.filesystems import FileSystems

from components.evaluation.messages import messages
from components.evaluation.verdict import VERDICTS_FILE, Verdict, loads
from files.storage import open_file

VERDICTS = "verdicts"
"""The metric that holds all verdicts as JSON."""


@dataclass(frozen=True)
class Blessing:
    """The outcome of an evaluation.

    Attributes:
        blessed: whether TFX blessed the model.
        reasons: why it was not blessed, each sentence once; empty if it was.
        verdicts: every condition with its value.
    """

    blessed: bool
    reasons: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


def blessing(evaluation_uri: str, blessing_uri: str) -> Blessing:
    """Reads a ModelEvaluation and the ModelBlessing that came with it.

    Raises:
        EvaluationError: if the evaluation holds no metrics.
    """
    judged = verdicts(evaluation_uri)
    if FileSystems.exists(f"{blessing_uri.rstrip('/')}/BLESSED"):
        return Blessing(True, (), judged)
    reasons = tuple(dict.fromkeys(verdict.sentence for verdict in judged if not verdict.passed))
    unknown = f"The test split had no rows, or the evaluation in {evaluation_uri} was not validated."
    return Blessing(False, reasons or (unknown,), judged)


def verdicts(evaluation_uri: str) -> tuple[Verdict, ...]:
    """The conditions of an evaluation with their values, in the order they were configured."""
    path = f"{evaluation_uri.rstrip('/')}/{VERDICTS_FILE}"
    if FileSystems.exists(path):
        with open_file(path) as file:
            return tuple(loads(file.read().decode()))
    for message in messages(evaluation_uri):
        if not message.slice_key.single_slice_keys:
            for item in message.metric_keys_and_values:
                if item.key.name == VERDICTS:
                    return tuple(loads(item.value.bytes_value.decode()))
    return ()
