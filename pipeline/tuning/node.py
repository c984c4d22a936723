"""The node that searches values for a branch: TFX's Tuner."""

from tfx import types
from tfx.components.tuner.component import Tuner
from tfx.proto import trainer_pb2

from components.code_hash import code_hash
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config

_TUNER = "models.tuning.tuner"


def branch_tuner(
    config: Config, branch: Branch, examples: types.BaseChannel, transform_graph: types.BaseChannel
) -> Tuner:
    """The search of one branch, on the train and validation splits; the test split is never read.

    `coldcast tune` and a run of a tuned branch make the same node, so the second of the two finds its result cached.
    """
    return Tuner(
        tuner_fn=f"{_TUNER}.tuner_fn",
        examples=examples,
        transform_graph=transform_graph,
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["validation"]),
        custom_config={
            "spec": branch.tunable_spec(config.domain, config.features).model_dump(mode="json"),
            "tuner": config.tuner.model_dump(mode="json"),
            "directory": f"{config.home}/tuning",
            "code": code_hash(_TUNER),  # part of the cache key, and of the name of the folder of the trials
        },
    ).with_id(f"Tuner.{branch.name}")
