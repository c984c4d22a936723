"""The option `--split`: planned shares of the arms."""

import math

from experiments.ab.errors import ExperimentError


def shares_of(text: str | None) -> dict[str, float] | None:
    """Planned shares such as `control=0.9,treatment=0.1`; None for none.

    Raises:
        ExperimentError: the text has another form, names an arm twice, or a share is not positive.
    """
    if text is None:
        return None
    shares = {}
    for part in text.split(","):
        arm, _, share = (word.strip() for word in part.rpartition("="))
        if arm in shares:
            raise ExperimentError(f"--split {text}: names {arm} twice; give each arm one share")
        try:
            shares[arm] = float(share)
        except ValueError:
            raise ExperimentError(f"--split {text}: write ARM=SHARE,..., such as control=0.9,treatment=0.1") from None
    if not all(0 < share < math.inf for share in shares.values()):
        raise ExperimentError(f"--split {text}: every share must be a number greater than 0")
    return shares
