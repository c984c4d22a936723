"""`AtomicPusher`: TFX's Pusher with an executor that publishes by one rename, each model once."""

from tfx import types
from tfx.components.pusher.component import Pusher
from tfx.dsl.components.base import executor_spec
from tfx.proto import pusher_pb2

from components.pusher.executor import Executor


class AtomicPusher(Pusher):
    """Publishes a blessed model below `directory`; inputs, outputs and artifacts are those of TFX's Pusher.

    Args:
        model: the trained model.
        model_blessing: the Evaluator's verdict; a model that is not blessed is not pushed.
        infra_blessing: the verdict of ServableGate; a model that no server could use is not pushed.
        directory: folder of the versions, local or remote.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        model_blessing: types.BaseChannel,
        infra_blessing: types.BaseChannel,
        directory: str,
    ):
        super().__init__(
            model=model,
            model_blessing=model_blessing,
            infra_blessing=infra_blessing,
            push_destination=pusher_pb2.PushDestination(
                filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=directory)
            ),
        )
