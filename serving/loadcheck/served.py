"""Finds what would fail in a server: loads a SavedModel as a server does and sends its warm-up requests to Predict."""

import sys
from typing import Any

import tensorflow as tf

from models.signatures import WARMUP_FILE
from serving.config import ServingConfig
from serving.errors import ServingError
from serving.savedmodel.static import findings
from serving.server.answers.named_model import NamedModel
from serving.server.answers.predict import Predict
from serving.server.limits import Limits
from serving.server.refusal import Refusal
from serving.server.versions.loaded_model import LoadedModel, restore
from serving.server.versions.warmup import requests
from serving.wire import tensors

_CONFIG = ServingConfig()
_NO_LIMITS = Limits(sys.maxsize, sys.maxsize)  # as in the server, which does not bound warm-up requests


def problems_when_served(savedmodel_dir: str) -> list[str]:
    """One sentence for each reason why servers would not serve the SavedModel; empty if there is none.

    It runs the static check, loads the model, and sends the warm-up requests, and stops at the first step that fails. A
    model needs warm-up requests. Each needs an answer whose outputs have one row for each row of the request.
    """
    try:
        problems = findings(savedmodel_dir)
        if problems:
            return problems
        model = restore(savedmodel_dir, 1, _CONFIG)
        warmup = list(requests(savedmodel_dir))
    except ServingError as error:
        return [str(error)]
    except (tf.errors.OpError, OSError, RuntimeError) as error:
        return [f"The SavedModel in {savedmodel_dir} does not load: {error}"]
    if not warmup:
        return [
            f"The SavedModel in {savedmodel_dir} has no warm-up requests to check it with; "
            f"export it with {WARMUP_FILE} (models.export.warmup)."
        ]
    numbered = enumerate(_problem(model, request) for request in warmup)
    return [f"Warm-up request {number} {problem}." for number, problem in numbered if problem]


def _problem(model: LoadedModel, request: Any) -> str | None:
    predict = Predict(NamedModel(_CONFIG.model_name, lambda: model), _NO_LIMITS)
    request.model_spec.name = _CONFIG.model_name
    request.model_spec.ClearField("version")
    signature = request.model_spec.signature_name
    try:
        response = predict(request)
    except Refusal as refusal:
        return f"({signature}) fails: {refusal.details.rstrip('.')}"
    rows = max((shape[0] for shape in map(tensors.shape_of, request.inputs.values()) if shape), default=0)
    for name, output in sorted(response.outputs.items()):
        shape = tensors.shape_of(output)
        if not shape or shape[0] != rows:
            return f"({signature}) has {rows} rows, and the output {name} has the shape {list(shape or ())}"
    return None
