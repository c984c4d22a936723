"""The artifacts of ingestion beside the standard Examples."""

from tfx.types.artifact import Artifact


class Quarantine(Artifact):
    """Rows that could not be used: one Parquet file a table, with table, id and reason."""

    TYPE_NAME = "Quarantine"


class AccountingArtifact(Artifact):
    """Where every row went: accounting.json, and detail.json, which `outputs.accounting.read_accounting` reads."""

    TYPE_NAME = "Accounting"
