"""The scores that an evaluation keeps of its rows, beside its metrics."""

from pydantic import BaseModel, ConfigDict


class Keep(BaseModel):
    """Where an evaluation keeps the scores of its rows, and their columns; JSON among its first metric's arguments.

    Attributes:
        folder: where to write the scores.
        trained_ids: the file with the ids of the training split, which need not exist.
        sliced: further texts of the examples that slices are made by.
        baseline_heads: the heads that the last blessed model scores; empty without one.
        baseline_output: the last blessed model's output if it has a single one; TFMA drops the name of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
    trained_ids: str
    sliced: tuple[str, ...] = ()
    baseline_heads: tuple[str, ...] = ()
    baseline_output: str = ""
