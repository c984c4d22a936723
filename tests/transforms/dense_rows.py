"""Labelled rows as the dense tensors that `score_candidates` takes."""

import numpy as np
import pyarrow as pa

from transforms.feature import Feature


def dense(labelled: pa.Table, features: tuple[Feature, ...]) -> dict[str, np.ndarray]:
    """By feature an array of one value a row; missing is "" or NaN, and several values are padded with ""."""
    return {feature.name: _column(labelled[feature.name].to_pylist(), feature) for feature in features}


def one_request(labelled: pa.Table, features: tuple[Feature, ...]) -> dict[str, np.ndarray]:
    """The candidates of all rows, with the request of the first one."""
    columns = dense(labelled, features)
    return {
        feature.name: columns[feature.name][:1] if feature.per == "request" else columns[feature.name]
        for feature in features
    }


def with_request_of_first_row(labelled: pa.Table, features: tuple[Feature, ...]) -> pa.Table:
    """The same as rows: every row has the request features of the first one."""
    for feature in features:
        if feature.per == "request":
            position = labelled.column_names.index(feature.name)
            value = [labelled[feature.name][0].as_py()] * len(labelled)
            labelled = labelled.set_column(
                position, labelled.schema.field(position), pa.array(value, labelled.schema.field(position).type)
            )
    return labelled


def _column(values: list, feature: Feature) -> np.ndarray:
    kind = feature.storage
    dtype = np.float32 if kind.is_number else object
    if kind.several is None:
        return np.array([kind.missing if value is None else value for value in values], dtype)
    longest = feature.length if kind.several == "fixed" else max((len(value) for value in values if value), default=1)
    rows = [value or [] for value in values]
    return np.array([[*row, *[kind.missing] * (longest - len(row))] for row in rows], dtype)
