"""The option `--split`: planned shares of the arms."""

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
