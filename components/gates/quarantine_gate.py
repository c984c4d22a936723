"""`QuarantineGate`: stops the run if too many rows of a table were quarantined."""

from tfx.dsl.component.experimental.annotations import InputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component

from components.ingestion.outputs.accounting import quarantine_problem, read_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact
from logs.errors import QuarantineError


@component
def QuarantineGate(  # noqa: N802
    accounting: InputArtifact[AccountingArtifact],
    max_quarantined_fraction: Parameter[float],
) -> None:
    """Lets a run go on if each table has few enough rows in quarantine.

    Args:
        accounting: of Ingestion, which writes it and the quarantine in any case.
        max_quarantined_fraction: greatest share of a table's rows, `ingestion.max_quarantined_fraction`.

    Raises:
        QuarantineError: a table has a greater share.
    """
    problem = quarantine_problem(read_accounting(accounting.uri), max_quarantined_fraction)
    if problem is not None:
        raise QuarantineError(f"Too many rows cannot be used: {problem} (accounting: {accounting.uri}).")
