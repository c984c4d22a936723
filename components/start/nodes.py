"""The nodes that give a Trainer its `base_model`, so that ML Metadata knows what a model was made from."""

import posixpath
from pathlib import Path

from tfx import types
from tfx.dsl.components.common.importer import Importer
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.io import fileio
from tfx.types.artifact_utils import ARTIFACT_TFX_VERSION_CUSTOM_PROPERTY_KEY
from tfx.types.channel import Channel
from tfx.types.standard_artifacts import InfraBlessing, Model, ModelBlessing
from tfx.utils import io_utils
from tfx.utils.path_utils import serving_model_dir
from tfx.version import __version__ as tfx_version

from components.pusher.digest import model_digest
from components.start.errors import StartError
from components.start.strategy import LastBlessedOfOtherRows
from files.atomic import locked, new_folder

_SAVED_MODEL = "saved_model.pb"


def last_model(examples: types.BaseChannel, evaluator_id: str, *, trials: bool) -> Resolver:
    """The last blessed model of a branch: output `model`, empty if there is none.

    Args:
        examples: the rows of this run; a model that was trained on them is left out.
        evaluator_id: the node whose blessings count.
        trials: whether blessings of trials count.
    """
    return Resolver(
        strategy_class=LastBlessedOfOtherRows,
        config={"trials": trials},
        model=Channel(type=Model),  # of any node: the blessing names the model
        model_blessing=Channel(type=ModelBlessing, producer_component_id=evaluator_id, output_key="blessing"),
        servable=Channel(type=InfraBlessing),  # of any model
        examples=examples,
    )


def imported_model(folder: str, copies: str) -> Importer:
    """A model in a folder, copied below `copies` under the digest of its files: output `result`.

    The copy keeps the lineage true when the folder changes later, and its path makes the content part of the cache key.

    Copies stay, because the records of earlier runs name them. If somebody removes one, the next call makes it again.

    Args:
        folder: of a published version, or of the model of a Trainer; local or remote.
        copies: local folder for the copy.

    Raises:
        StartError: the folder holds no model.
    """
    model = _model_in(folder)
    copy = Path(copies) / model_digest(model)
    copy.parent.mkdir(parents=True, exist_ok=True)
    with locked(copy.with_name(f".{copy.name}.lock")):  # another run may be making the same copy: wait for it
        if not copy.exists():
            with new_folder(copy) as unfinished:
                io_utils.copy_dir(model, serving_model_dir(str(unfinished)))
    # Without a version of TFX, the Trainer would take the copy for a model of TFX before 1.0, and look elsewhere in it.
    version = {ARTIFACT_TFX_VERSION_CUSTOM_PROPERTY_KEY: tfx_version}
    return Importer(source_uri=str(copy), artifact_type=Model, custom_properties=version)


def _model_in(folder: str) -> str:
    """The SavedModel in `folder`."""
    for place in (folder, serving_model_dir(folder)):
        if fileio.exists(posixpath.join(place, _SAVED_MODEL)):
            return place
    raise StartError(
        f"start_from: {folder} holds no model: name the folder of a published version, such as models/coldcast/1, or "
        "of a Trainer's model, which `coldcast runs show` prints"
    )
