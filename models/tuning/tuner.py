"""The module that TFX's Tuner runs, by the import path `models.tuning.tuner.tuner_fn`."""

import hashlib
import json
import posixpath
from functools import partial
from typing import Any

import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.components.tuner.component import TunerFnResult

from models.spec import TrainingSpec
from models.training.prepare import prepared_data
from models.tuning.config import TunerConfig
from models.tuning.oracle import make_oracle
from models.tuning.search import Search
from models.tuning.space import space_of

_CHUNK = 1 << 20


def tuner_fn(fn_args: FnArgs) -> TunerFnResult:
    """The search of one branch over the train and validation splits.

    Its `custom_config` has `spec` (a `TrainingSpec`), `tuner` (the config section), `directory` (of all searches), and
    `code` (a hash of the code of a trial). Trials are kept in a folder that is named by a digest of all that decides
    them, so a search that was killed goes on, and a search with more trials keeps those of a shorter one.
    """
    given = fn_args.custom_config
    spec, config = TrainingSpec.model_validate(given["spec"]), TunerConfig.model_validate(given["tuner"])
    if config.epochs:
        spec = spec.model_copy(update={"trainer": spec.trainer.model_copy(update={"epochs": config.epochs})})
    data = partial(
        prepared_data,
        spec,
        train=fn_args.train_files,
        validation=fn_args.eval_files,
        transform_graph=fn_args.transform_graph_path,
        beside=fn_args.working_dir or "",
    )
    decides = {**given, "tuner": config.model_dump(mode="json", exclude={"trials"})}
    del decides["directory"]
    below = _files_below(fn_args.transform_graph_path)
    digest = _digest(decides, [*_files(fn_args.train_files), *_files(fn_args.eval_files), *below])
    oracle = make_oracle(config, space_of(config.space, spec.recipe), spec.seed)
    search = Search(spec, data, oracle, given["directory"], f"{spec.name}-{digest}")
    return TunerFnResult(tuner=search, fit_kwargs={})


def _digest(decides: dict[str, Any], files: list[str]) -> str:
    """SHA-256, 16 hex digits, over values and over the content of files."""
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode())
    for path in files:
        with tf.io.gfile.GFile(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()[:16]


def _files(patterns: list[str]) -> list[str]:
    return sorted(path for pattern in patterns for path in tf.io.gfile.glob(pattern))


def _files_below(folder: str) -> list[str]:
    return sorted(posixpath.join(parent, name) for parent, _, names in tf.io.gfile.walk(folder) for name in names)
