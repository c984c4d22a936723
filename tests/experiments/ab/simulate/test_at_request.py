"""Features of midnight become those of the request, by hand."""

import numpy as np
import pyarrow as pa

from experiments.ab.simulate.features import at_request
from experiments.ab.simulate.requests import Requests
from pipeline.configuration.file import load_config


def test_the_clock_and_the_session_by_hand() -> None:
    config = load_config("tiny")
    requests = Requests(
        position=np.array([1, 2]),
        seen_today=np.array([0, 3]),
        since_last=np.array([np.nan, 30.0]),
        since_midnight=np.array([100.0, 36_000.0]),
    )
    null = {feature.name: pa.nulls(4, feature.storage.arrow) for feature in config.feature_table}
    midnight = pa.table(
        null
        | {
            "hour": ["00"] * 4,
            "weekday": ["0"] * 4,
            "user_seconds_since_impression": pa.array([50, 50, 50, None], pa.float32()),
            "user_show_seconds_since_stream": pa.array([7, None, 7, None], pa.float32()),
            "user_impressions_today": pa.array([0, 0, 0, 0], pa.float32()),
            "user_streams_30d": pa.array([5, 5, 6, 6], pa.float32()),
        }
    )
    now = at_request(midnight, config, requests, candidates=2, weekday=4)
    assert now["hour"].to_pylist() == ["00", "00", "10", "10"]
    assert now["weekday"].to_pylist() == ["4"] * 4
    assert now["user_seconds_since_impression"].to_pylist() == [150.0, 150.0, 30.0, 30.0]
    assert now["user_show_seconds_since_stream"].to_pylist() == [107.0, None, 36_007.0, None]
    assert now["user_impressions_today"].to_pylist() == [0.0, 0.0, 3.0, 3.0]
    assert now["user_streams_30d"].to_pylist() == [5.0, 5.0, 6.0, 6.0]
    assert now.schema.names == midnight.schema.names
