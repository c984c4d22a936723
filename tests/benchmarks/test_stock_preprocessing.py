from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import tensorflow as tf
import tensorflow_transform as tft

from benchmarks.stock_preprocessing import fused, one_by_one
from transforms.config import FeaturesConfig, TransformConfig
from transforms.example_schema import raw_feature_spec


@pytest.mark.parametrize("function", [one_by_one, fused])
def test_it_reads_every_feature_of_the_default_table(function: Callable[..., Any]) -> None:
    config = FeaturesConfig().for_transform()
    specs = {
        name: tf.RaggedTensorSpec([None, None], parsing.dtype, row_splits_dtype=tf.int64)
        if isinstance(parsing, tf.io.RaggedFeature)
        else tf.TensorSpec([None, *parsing.shape], parsing.dtype)
        for name, parsing in raw_feature_spec(TransformConfig.model_validate(config["features"]).table).items()
    }

    columns = tft.get_transform_input_columns(partial(function, custom_config=config), specs)

    assert set(columns) == set(specs)
