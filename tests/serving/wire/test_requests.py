"""The bytes of a request are those of the message with the same inputs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from serving.errors import BadRequestError
from serving.wire import requests, tensors
from serving.wire.messages import message
from serving.wire.requests import serialized

SHAPES = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
DTYPES = st.sampled_from([np.float32, np.float64, np.int32, np.int64, np.bool_])
ARRAYS = DTYPES.flatmap(lambda dtype: npst.arrays(dtype, SHAPES))
MANY = st.integers(0, 80)
TEXTS = st.sampled_from([st.binary(max_size=200), st.binary(max_size=3), st.text(max_size=9).map(str.encode)]).flatmap(
    lambda texts: npst.arrays(object, SHAPES | MANY, elements=texts)
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=200), ARRAYS | TEXTS, max_size=4), st.text(max_size=3))
def test_the_bytes_parse_as_the_message_with_the_same_inputs(arrays: dict[str, np.ndarray], name: str) -> None:
    def request():
        made = message("PredictRequest")(output_filter=["a"])
        made.model_spec.name = name
        return made

    expected = request()
    for input_name, array in arrays.items():
        tensor = expected.inputs[input_name]
        tensors.encode(array, tensor)
        if array.dtype != object:  # numbers go as TensorFlow's own clients send them
            values = [field.name for field, _ in tensor.ListFields() if field.name.endswith("_val")]
            for field in values:
                tensor.ClearField(field)
            tensor.tensor_content = array.tobytes()
    assert message("PredictRequest").FromString(serialized(request(), arrays)) == expected


def test_a_long_array_has_a_long_length() -> None:
    for size in (31, 32, 4_095, 4_096, 1 << 20):
        array = np.arange(size, dtype=np.float32)
        parsed = message("PredictRequest").FromString(serialized(message("PredictRequest")(), {"x": array}))
        np.testing.assert_array_equal(tensors.decode(parsed.inputs["x"]), array)


def test_more_bytes_than_a_message_may_have_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"x": np.zeros(100, np.float32)}
    size = len(serialized(message("PredictRequest")(), arrays))
    monkeypatch.setattr(requests, "MOST_BYTES", size)
    serialized(message("PredictRequest")(), arrays)
    monkeypatch.setattr(requests, "MOST_BYTES", size - 1)
    with pytest.raises(BadRequestError, match=f"takes {size} bytes, .* send fewer rows"):
        serialized(message("PredictRequest")(), arrays)
