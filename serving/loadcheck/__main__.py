"""Checks a SavedModel by hand: python -m serving.loadcheck VERSION_DIRECTORY."""

import os
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def main(arguments: list[str]) -> int:
    """Prints the problems, or that there are none; the exit status is 1 if there are any."""
    if len(arguments) != 1:
        print("usage: python -m serving.loadcheck VERSION_DIRECTORY", file=sys.stderr)
        return 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read as TensorFlow is imported
    warnings.simplefilter("ignore", FutureWarning)  # of other packages, about Python 3.10
    from serving.errors import ServingError
    from serving.loadcheck.native import answers
    from serving.savedmodel.static import findings
    from serving.server.versions.warmup import requests

    path = arguments[0]
    try:
        problems = findings(path)
        if not problems:
            warmup = [(request.model_spec.signature_name, _arrays(request.inputs)) for request in requests(path)]
            answers(path, warmup)
    except ServingError as error:
        problems = [str(error)]
    print("\n".join(problems) or f"{path} loads outside Python and answers its {len(warmup)} warm-up requests.")
    return 1 if problems else 0


def _arrays(inputs: dict) -> "dict[str, np.ndarray]":
    import tensorflow as tf

    return {alias: tf.make_ndarray(proto) for alias, proto in inputs.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
