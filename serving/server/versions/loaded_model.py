"""A SavedModel in a Session, as TensorFlow Serving holds it: restored, warm, its signatures prepared."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from tensorflow.python.saved_model.loader_impl import SavedModelLoader

from serving.config import ServingConfig
from serving.errors import ServingError
from serving.server.refusal import Refusal
from serving.server.versions.signature import Signature
from serving.server.versions.warmup import requests

PREDICT = "tensorflow/serving/predict"


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """One version of the model. Its Session lives as long as this object.

    Attributes:
        version: the number of its directory.
        signature_defs: every SignatureDef of the model by name, for GetModelMetadata.
        signatures: the prepared calls of those that predict.
    """

    version: int
    signature_defs: dict[str, Any]
    signatures: dict[str, Signature]


def load(path: str, version: int, config: ServingConfig) -> LoadedModel:
    """Loads the SavedModel in `path` (see `restore`) and sends its warm-up requests.

    Raises:
        ServingError: a warm-up request fails, or there are more than 1,000.
        tf.errors.OpError, OSError, RuntimeError: TensorFlow cannot load the model.
    """
    model = restore(path, version, config)
    _warm(model, path)
    return model


def restore(path: str, version: int, config: ServingConfig) -> LoadedModel:
    """Loads the SavedModel in `path` (tag `serve`) into a Session, restores and initialises it.

    Raises:
        tf.errors.OpError, OSError, RuntimeError: TensorFlow cannot load the model.
    """
    options = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=config.intra_op_threads,
        inter_op_parallelism_threads=config.inter_op_threads,
        use_per_session_threads=True,  # otherwise the first session of the process decides, such as that of training
    )
    # XLA is off in TensorFlow Serving.
    options.graph_options.optimizer_options.global_jit_level = tf.compat.v1.OptimizerOptions.OFF
    graph = tf.Graph()
    session = tf.compat.v1.Session(graph=graph, config=options)
    with graph.as_default():
        # tf.compat.v1.saved_model.load does the same and warns that it is deprecated
        meta_graph = SavedModelLoader(path).load(session, [tf.saved_model.SERVING])
        signatures = {
            name: Signature(session, definition)
            for name, definition in meta_graph.signature_def.items()
            if definition.method_name == PREDICT
        }
    return LoadedModel(version, dict(meta_graph.signature_def), signatures)


def _warm(model: LoadedModel, path: str) -> None:
    for number, request in enumerate(requests(path)):
        signature = model.signatures.get(request.model_spec.signature_name)
        if signature is None:
            raise ServingError(f"Warm-up request {number} of {path} asks for a signature that the model lacks.")
        try:
            signature.run(request.inputs, request.output_filter)
        except Refusal as refusal:
            raise ServingError(f"Warm-up request {number} of {path} failed: {refusal.details}") from refusal
