"""The artifact of a run whose data passed the gates."""

from typing import ClassVar

from tfx.types.artifact import Artifact, Property, PropertyType


class Passed(Artifact):
    """The verdict of AnomalyGate on statistics; there is none if the gate stopped the run.

    Properties:
        statistics_id: the id of the ExampleStatistics artifact that passed.
    """

    TYPE_NAME = "Passed"
    PROPERTIES: ClassVar[dict[str, Property]] = {"statistics_id": Property(type=PropertyType.INT)}
