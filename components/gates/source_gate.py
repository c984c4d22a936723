"""`SourceGate`: stops the run if a split would lack a source that a branch needs.

It is a node of its own, because its parameters follow from the branches: a new branch runs this gate again and nothing
else that the branches share.
"""

import json

from tfx.dsl.component.experimental.annotations import InputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component

from components.ingestion.outputs.accounting import read_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact
from components.split.config import SplitConfig
from components.split.days import assign_days, check_sources


@component
def SourceGate(  # noqa: N802, D417
    accounting: InputArtifact[AccountingArtifact],
    validation_days: Parameter[int],
    test_days: Parameter[int],
    gap_days: Parameter[int],
    train_days: Parameter[int],
    end: Parameter[str],
    sources: Parameter[str],
) -> None:
    """Lets a run go on if each split has labelled impressions of every source that a branch needs.

    Args:
        accounting: of Ingestion.
        validation_days, test_days, gap_days, train_days, end: see SplitConfig.
        sources: JSON list of the sources that a branch is trained on or measured on.

    Raises:
        SplitError: a split is empty or lacks a source.
    """
    config = SplitConfig.of_parameters(
        validation_days=validation_days, test_days=test_days, gap_days=gap_days, train_days=train_days, end=end
    )
    counts = read_accounting(accounting.uri).days
    check_sources(assign_days(counts, config), counts, json.loads(sources))
