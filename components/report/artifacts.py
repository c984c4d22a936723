"""The artifact of the node `Report`."""

from tfx.types.artifact import Artifact


class ReportArtifact(Artifact):
    """The page of a run (`report.html`), its tables as CSV files, and `results.json`, which `read_results` reads."""

    TYPE_NAME = "Report"
