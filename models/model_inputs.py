"""The meaning of a model's inputs: the value behind each embedding row, and the feature behind each joined column.

Each run numbers ids and columns from the start. A later run can take over weights only if it knows what each number
meant, so an exported model keeps this description.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict
from tensorflow_transform.output_wrapper import TFTransformOutput

from transforms.feature import Feature, difference
from transforms.kinds import Encoding, Packed
from transforms.learned import read_vocabularies
from transforms.packed import PackedLayout


class ModelFeature(BaseModel):
    """The attributes of a `Feature` that decide its values and their scale."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: str
    column: str
    log: bool
    length: int

    def same(self, other: "ModelFeature") -> bool:
        """Whether weights of one feature fit the other one."""
        return (self.name, self.log) == (other.name, other.log) and difference(self, other) is None


class EmbeddedFeature(BaseModel):
    """The rows of one feature in the fused embedding table.

    Attributes:
        name: the feature.
        encoding: `vocabulary` or `hash`.
        row: its first row, that of a missing value.
        rows: its number of rows.
        values: the values with rows of their own, from row `row` + `FIRST_ID`; empty for a hash. Bytes that are not
            UTF-8 are lone surrogates.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    encoding: Encoding
    row: int
    rows: int
    values: tuple[str, ...] = ()


class InputColumns(BaseModel):
    """The columns of one feature in the encoder's input.

    Attributes:
        name: the feature.
        packed: `ids` for an embedding, `floats` for numbers, `bins` for numbers by their quantile bins.
        width: number of columns.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    packed: Packed | Literal["bins"]
    width: int


class ModelInputs(BaseModel):
    """The meaning of a model's inputs.

    Attributes:
        version: of this format.
        features: every feature of the model.
        embedded: the features of the embedding table, in row order.
        joined: the features of the encoder's input, in column order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[2] = 2
    features: tuple[ModelFeature, ...]
    embedded: tuple[EmbeddedFeature, ...]
    joined: tuple[InputColumns, ...]


_KEPT = set(ModelFeature.model_fields)


def model_inputs(
    layout: PackedLayout,
    features: tuple[Feature, ...],
    transform: TFTransformOutput,
    joined: tuple[InputColumns, ...],
) -> ModelInputs:
    """The meaning of a model's inputs.

    Args:
        layout: of the model's packed inputs.
        features: the features of the layout.
        transform: the output of Transform, which knows the vocabularies.
        joined: columns of the encoder's input (`models.network.joined_inputs`).
    """
    encodings = {feature.name: feature.storage.encoding for feature in features}
    values = read_vocabularies(transform.transform_savedmodel_dir) if "vocabulary" in encodings.values() else {}
    return ModelInputs(
        features=tuple(ModelFeature(**feature.model_dump(include=_KEPT)) for feature in features),
        embedded=tuple(
            EmbeddedFeature(
                name=feature.name,
                encoding=encodings[feature.name],
                row=feature.row,
                rows=feature.rows,
                values=values.get(feature.name, ()) if encodings[feature.name] == "vocabulary" else (),
            )
            for feature in layout.ids
        ),
        joined=joined,
    )
