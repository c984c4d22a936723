"""The outputs of a model's default signature, read without loading it: clients read them."""

from models.saved_signature import outputs_of
from models.signatures import EXAMPLES


def lost_outputs(before: str, after: str) -> list[str]:
    """Outputs that the SavedModel in folder `before` has and the one in folder `after` lacks, sorted."""
    return sorted(outputs_of(before, EXAMPLES) - outputs_of(after, EXAMPLES))
