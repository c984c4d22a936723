"""The artifact of the Evaluator beside TFX's own."""

from tfx.types.artifact import Artifact


class ScoresArtifact(Artifact):
    """Every test row with its outcomes and each head's score as Parquet (`components/evaluation/scores.py`)."""

    TYPE_NAME = "Scores"
