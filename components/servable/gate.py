"""`ServableGate`: loads the model as a server does and sends the warm-up requests.

Only a model that passes is published.

In the pipeline, for the branch that is pushed:

    servable_gate = ServableGate(model=trainer.outputs["model"])
    pusher = AtomicPusher(..., infra_blessing=servable_gate.outputs["blessing"])

The gate never stops a run, so that the evaluation is kept. If a model does not pass, the pusher publishes nothing. Its
message says why, and the summary of the run shows it.
"""

import posixpath
import textwrap

from absl import logging
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types.standard_artifacts import InfraBlessing, Model
from tfx.utils import path_utils

from components.servable.artifacts import BLESSED, MODEL_ID, REASON
from serving.loadcheck.served import problems_when_served

_LONGEST = 500  # characters: TensorFlow's messages may quote the whole graph


@component
def ServableGate(  # noqa: N802
    model: InputArtifact[Model],
    blessing: OutputArtifact[InfraBlessing],
) -> None:
    """Judges whether servers can load the model and answer with it.

    Args:
        model: the trained model.
        blessing: as TFX's InfraValidator writes it, with the custom property `reason`. Its folder holds a file,
            `INFRA_BLESSED` or `INFRA_NOT_BLESSED`.
    """
    path = path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model))
    reason = _reason(path)
    blessing.set_int_custom_property(BLESSED, int(not reason))
    blessing.set_int_custom_property(MODEL_ID, model.id)
    blessing.set_string_custom_property(REASON, reason)
    fileio.makedirs(blessing.uri)
    with fileio.open(posixpath.join(blessing.uri, "INFRA_NOT_BLESSED" if reason else "INFRA_BLESSED"), "w") as file:
        file.write(reason)


def _reason(savedmodel: str) -> str:
    """The first problem in one line, and the number of problems; "" if there is none."""
    try:
        problems = problems_when_served(savedmodel)
    except Exception as error:  # TensorFlow raises many kinds, and none may stop the run before its evaluation is kept
        logging.exception("The model in %s could not be checked", savedmodel)
        problems = [f"{type(error).__name__}: {error}"]
    if not problems:
        return ""
    more = f" (problem 1 of {len(problems)})" if len(problems) > 1 else ""
    return textwrap.shorten(problems[0], _LONGEST, placeholder=" ...").rstrip(".") + more
