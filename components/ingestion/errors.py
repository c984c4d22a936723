"""What a user can get wrong about raw logs."""


class LogError(ValueError):
    """The logs break the contract of SPEC 4; the message names every file, table and column concerned."""


class QuarantineError(ValueError):
    """More of a table is quarantined than the config allows; quarantine and accounting are written nonetheless."""
