"""The module that TFX's Trainer runs, by the import path `models.training.trainer.run_fn`."""

from contextlib import ExitStack
from functools import partial

import keras
from tfx.components.trainer.fn_args_utils import FnArgs

from models.export.savedmodel import export
from models.export.start_files import StartModel, read_start, write_known, write_start
from models.model_inputs import model_inputs
from models.network import joined_inputs
from models.spec import TrainingSpec
from models.training.loop import train
from models.training.prepare import prepared_data
from models.training.progress import TrainingProgress
from models.training.reports import TensorBoard, training_report, write_report
from models.training.warm_start import Carried, start_from
from models.tuning.space import with_values


def run_fn(fn_args: FnArgs) -> None:
    """Trains the recipe of `custom_config["spec"]` and exports the best epoch's model, calibrated.

    The values that a Tuner found, if there is one, replace those of the spec. Reads the train and validation splits
    through the Transform graph. Starts from the model in `base_model`, if any. Writes the SavedModel to
    `serving_model_dir`, and TensorBoard's events and `training.json` to `model_run_dir`.

    Raises:
        TrainingError: the splits cannot train or judge the recipe, or `base_model` is not a model of this project.
    """
    spec = TrainingSpec.model_validate(fn_args.custom_config["spec"])
    if fn_args.hyperparameters:
        spec = with_values(spec, fn_args.hyperparameters["values"])
    start = read_start(fn_args.base_model) if fn_args.base_model else None
    known = start.known if start and spec.kept_transform else None
    with ExitStack() as stack:
        data = stack.enter_context(
            prepared_data(
                spec,
                train=fn_args.train_files,
                validation=fn_args.eval_files,
                transform_graph=fn_args.transform_graph_path,
                beside=fn_args.model_run_dir,
                known=known,
            )
        )
        inputs = model_inputs(data.layout, spec.inputs, data.transform, joined_inputs(data.layout, spec.model))
        progress = stack.enter_context(TrainingProgress(spec.name, spec.trainer.epochs))

        def carry(model: keras.Model, start: StartModel) -> Carried:
            carried = start_from(model, inputs, start)
            progress.started(carried)
            return carried

        board = TensorBoard(fn_args.model_run_dir)
        starter = partial(carry, start=start) if start else None
        trained = train(spec, data.layout, data.train, data.validation, (progress, board), starter)
        progress.chosen(trained.chosen, len(trained.epochs))
        progress.calibrated(trained.calibrations)
        progress.experts(trained.experts)
        board.experts(trained.experts, trained.chosen)
    export(
        trained.model, data.transform, data.layout, spec.inputs, trained.calibrations, fn_args.serving_model_dir, known
    )
    write_start(trained.model, inputs, fn_args.serving_model_dir)
    if known is not None:
        write_known(known, fn_args.serving_model_dir)
    write_report(training_report(spec.name, trained, data.seconds), fn_args.model_run_dir)
