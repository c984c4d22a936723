"""Our client against the stock stub of TensorFlow Serving: the same request to the same server.

The client makes the request from Python values. The stub's request is ready before, so that its time is a lower bound
for every client of this API in Python: it serializes, sends, waits, and parses the answer.
"""

import time
from statistics import median
from typing import Any

import grpc
import numpy as np

from serving.client import Client
from serving.client.inputs import candidate_inputs
from serving.client.types import SignatureInfo
from serving.config import ServingConfig
from serving.wire.requests import serialized
from transforms.features import FEATURES

SIGNATURE = "score_candidates"


def compare(port: int, candidates: int, calls: int) -> tuple[float, float]:
    """Median seconds of a call through our client, and of one through the stub; the calls take turns.

    Args:
        port: of the server.
        candidates: how many, for one user; every feature is filled with Python values.
        calls: calls of each.
    """
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc  # imports TensorFlow

    with Client(ServingConfig(port=port)) as client, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        signature = client.metadata().signatures[SIGNATURE]
        request, columns = values(signature, candidates)
        rest = predict_pb2.PredictRequest()
        rest.model_spec.name, rest.model_spec.signature_name = "coldcast", SIGNATURE
        prepared = predict_pb2.PredictRequest.FromString(
            serialized(rest, candidate_inputs(signature, request, columns))
        )
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        ours, stock = [], []
        for _ in range(calls):
            started = time.perf_counter()
            client.score_candidates(request, columns)
            between = time.perf_counter()
            stub.Predict(prepared, timeout=30)
            ours.append(between - started)
            stock.append(time.perf_counter() - between)
    return median(ours[calls // 10 :]), median(stock[calls // 10 :])  # without the first ones, which warm up


def values(signature: SignatureInfo, candidates: int) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """One user's values and those of each candidate, as plain Python values."""
    random = np.random.default_rng(0)
    sides: tuple[dict[str, Any], dict[str, list[Any]]] = ({}, {})
    for feature in (feature for feature in FEATURES if feature.name in signature.inputs):
        rows = 1 if feature.per == "request" else candidates
        length = feature.length if feature.storage.several else 1
        drawn = random.random((rows, length)).tolist()
        column = drawn if feature.storage.is_number else [[f"id{value:.5f}" for value in row] for row in drawn]
        plain = column if feature.storage.several else [row[0] for row in column]
        if feature.per == "request":
            sides[0][feature.name] = plain[0]
        else:
            sides[1][feature.name] = plain
    return sides
