"""The artifacts of ingestion beside the standard Examples."""

from tfx.types.artifact import Artifact


class Quarantine(Artifact):
    """Rows that could not be used: Parquet files, one a table, of table, id and reason."""

    TYPE_NAME = "Quarantine"


class AccountingArtifact(Artifact):
    """Where every row went: accounting.json, and detail.json for `components.ingestion.outputs.accounting.read_accounting`."""

    TYPE_NAME = "Accounting"
