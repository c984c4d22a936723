"""`AnomalyGate`: stops the run when the data violate the schema or their distributions moved too far."""

import json
import posixpath

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx import types
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics

from components.gates.artifacts import Passed
from components.gates.problems import (
    ColumnStatistics,
    Problem,
    column_statistics,
    distance_problems,
    missing_problems,
    schema_problems,
)
from transforms.errors import UserError

_FILE = "SchemaDiff.pb"


class AnomalyError(UserError):
    """The data violate the schema, or are not distributed as before."""


@component
def AnomalyGate(  # noqa: N802
    statistics: InputArtifact[ExampleStatistics],
    anomalies: InputArtifact[ExampleAnomalies],
    drift: InputArtifact[ExampleAnomalies],
    train_test: InputArtifact[ExampleAnomalies],
    passed: OutputArtifact[Passed],
    missing: Parameter[str],
    last_statistics: InputArtifact[ExampleStatistics] = None,
) -> None:
    """Lets a run go on, or stops it with every anomaly in one sentence.

    Args:
        statistics: of this run.
        anomalies: of ExampleValidator.
        drift: of DistributionValidator, this run's train split against `last_statistics`; empty on a first run.
        train_test: of DistributionValidator, the test split against the train split.
        missing: `components.validation.comparators.missing_bounds`.
        passed: names the statistics, so that the next run is compared with them.
        last_statistics: of the last run that passed, if there is one.

    Raises:
        AnomalyError: there is an anomaly.
    """
    problems: list[Problem] = []
    bounds = json.loads(missing)
    for split in artifact_utils.decode_split_names(anomalies.split_names):
        of_split = _read(posixpath.join(artifact_utils.get_split_uri([anomalies], split), _FILE))
        problems += schema_problems(of_split, f"the {split} split")
    if last_statistics is not None:
        problems += _compared(
            drift, ("train", statistics), ("train", last_statistics), "train against the last run", "drift", bounds
        )
    problems += _compared(
        train_test, ("test", statistics), ("train", statistics), "test against train", "train_test", bounds
    )
    if problems:
        raise AnomalyError(anomaly_sentence(problems))
    passed.statistics_id = statistics.id


def anomaly_sentence(problems: list[Problem]) -> str:
    """One sentence that names every problem and says what to do, each advice once."""
    count = f"{len(problems)} anomalies" if len(problems) > 1 else "an anomaly"
    phrases = "; ".join(problem.phrase for problem in problems)
    advice = "; ".join(dict.fromkeys(problem.advice for problem in problems))
    return f"The labelled impressions have {count}: {phrases}; {advice}."


def _compared(
    anomalies: types.Artifact,
    now: tuple[str, types.Artifact],
    before: tuple[str, types.Artifact],
    pair: str,
    section: str,
    bounds: dict[str, dict[str, float]],
) -> list[Problem]:
    path = posixpath.join(anomalies.uri, f"SplitPair-{now[0]}_{before[0]}", _FILE)
    if not fileio.exists(path):  # no comparison was configured
        return []
    columns = {"now": _columns(*now), "before": _columns(*before)}
    key = f"validation.{section}"
    return [
        *distance_problems(_read(path), pair, **columns, section=key),
        *missing_problems(pair, **columns, bounds=bounds[section], section=key),
    ]


def _columns(split: str, statistics: types.Artifact) -> dict[str, ColumnStatistics]:
    return column_statistics(stats_artifact_utils.load_statistics(statistics, split).proto())


def _read(path: str) -> anomalies_pb2.Anomalies:
    with fileio.open(path, "rb") as file:
        return anomalies_pb2.Anomalies.FromString(file.read())
