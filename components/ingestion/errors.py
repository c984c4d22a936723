"""What ingestion refuses, in words for its user."""


class LogError(ValueError):
    """The logs break the contract of SPEC 4; the message names every file, table and column concerned."""


class QuarantineError(ValueError):
    """More of a table is quarantined than the config allows; quarantine and accounting are written nonetheless."""


class OutputError(RuntimeError):
    """Ingestion cannot use the folder it is to write to; the message names it."""

    @classmethod
    def of(cls, folder: str, reason: str) -> "OutputError":
        """The files of ingestion in `folder` cannot be written or read back, for `reason`."""
        hint = "check the path, its permissions and the space on the disk"
        return cls(f"ingestion cannot keep its files in {folder}: {reason}; {hint}")
