"""The artifact that says that a run's data were found good."""

from typing import ClassVar

from tfx.types.artifact import Artifact, Property, PropertyType


class Passed(Artifact):
    """The verdict of AnomalyGate on statistics; there is none where the gate stopped the run.

    Properties:
        statistics_id: the id of the ExampleStatistics artifact that passed.
    """

    TYPE_NAME = "Passed"
    PROPERTIES: ClassVar[dict[str, Property]] = {"statistics_id": Property(type=PropertyType.INT)}
