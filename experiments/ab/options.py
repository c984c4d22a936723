"""Options of the commands: reads them, and checks them before any work."""

from experiments.ab.errors import ExperimentError


def shares_of(text: str | None) -> dict[str, float] | None:
    """Planned shares such as `control=0.9,treatment=0.1`; None for none.

    Raises:
        ExperimentError: the text has another form, or a share is not positive.
    """
    if text is None:
        return None
    shares = {}
    for part in text.split(","):
        arm, _, share = part.partition("=")
        try:
            shares[arm.strip()] = float(share)
        except ValueError:
            raise ExperimentError(f"--split {text}: write ARM=SHARE,..., such as control=0.9,treatment=0.1") from None
    if not all(share > 0 for share in shares.values()):
        raise ExperimentError(f"--split {text}: every share must be greater than 0")
    return shares


def checked_lift(lift: float) -> None:
    """Checks a relative change to find.

    Raises:
        ExperimentError: there is no such change.
    """
    if lift == 0 or not lift > -1:
        raise ExperimentError(f"--lift {lift:g}: give a change greater than -1 and other than 0, such as 0.05 for +5 %")
