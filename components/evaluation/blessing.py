"""Whether an evaluated model was blessed, and why not."""

from dataclasses import dataclass

from apache_beam.io.filesystems import FileSystems

from components.evaluation.results import messages
from components.evaluation.verdict import Verdict, loads


@dataclass(frozen=True)
class Blessing:
    """The outcome of an evaluation.

    Attributes:
        blessed: whether TFX blessed the model.
        reasons: one sentence per failed gate, none if it is blessed.
        verdicts: every gate as it was read.
    """

    blessed: bool
    reasons: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


def blessing(evaluation_uri: str, blessing_uri: str) -> Blessing:
    """Reads a ModelEvaluation and the ModelBlessing that came with it.

    Raises:
        EvaluationError: if the evaluation holds no metrics.
    """
    blessed = FileSystems.exists(f"{blessing_uri.rstrip('/')}/BLESSED")
    read = verdicts(evaluation_uri)
    reasons = tuple(verdict.sentence for verdict in read if not verdict.passed)
    if not blessed and not reasons:
        reasons = (f"The test split had no rows, or the evaluation in {evaluation_uri} was not validated.",)
    return Blessing(blessed, () if blessed else reasons, read)


def verdicts(evaluation_uri: str) -> tuple[Verdict, ...]:
    """The gates of an evaluation, in the order they were configured."""
    for message in messages(evaluation_uri):
        if not message.slice_key.single_slice_keys:
            for item in message.metric_keys_and_values:
                if item.key.name == "gates":
                    return tuple(loads(item.value.bytes_value.decode()))
    return ()
