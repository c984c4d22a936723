"""What TFX's Trainer runs, named by the import path `models.training.trainer.run_fn`."""

import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tensorflow_transform.output_wrapper import TFTransformOutput
from tfx.components.trainer.fn_args_utils import FnArgs

from models.export.savedmodel import export
from models.spec import TrainingSpec
from models.training.feed import batches_in_epoch
from models.training.loop import train
from models.training.prepare import read_rows
from models.training.progress import TrainingProgress
from models.training.reports import TensorBoard, training_report, write_report
from transforms.packed import packed_layout
from transforms.raw_to_packed import RawToPacked


def run_fn(fn_args: FnArgs) -> None:
    """Trains the recipe of `custom_config["spec"]` and exports the best epoch's model.

    Reads the train and validation splits through the Transform graph; writes the SavedModel to `serving_model_dir`,
    TensorBoard's events and `training.json` to `model_run_dir`.

    Raises:
        TrainingError: the splits cannot train or judge the recipe.
    """
    spec = TrainingSpec.model_validate(fn_args.custom_config["spec"])
    transform = TFTransformOutput(fn_args.transform_graph_path)
    columns = packed_layout(transform, spec.inputs)
    pack = RawToPacked(transform, columns, spec.inputs).from_examples
    with ExitStack() as stack:

        def folder() -> Path:
            # Beside the results where these lie on a disk of this machine: the system's folder is often in memory.
            beside = Path(fn_args.model_run_dir)
            made = Path(tempfile.mkdtemp(prefix="coldcast-rows-", dir=beside if beside.is_dir() else None))
            stack.callback(shutil.rmtree, made, ignore_errors=True)
            return made

        started = time.perf_counter()
        rows = read_rows(fn_args.train_files, pack, split="train", sources=spec.recipe.sources, folder=folder)
        validation = read_rows(fn_args.eval_files, pack, split="validation", folder=folder)
        prepared_seconds = time.perf_counter() - started
        examples = batches_in_epoch(len(rows), spec.trainer.batch_size) * spec.trainer.batch_size
        progress = stack.enter_context(TrainingProgress(spec.recipe_name, examples, spec.trainer.epochs))
        trained = train(spec, columns, rows, validation, (progress, TensorBoard(fn_args.model_run_dir)))
        progress.chosen(trained.chosen, len(trained.epochs))
    export(trained.model, transform, columns, spec.inputs, spec.recipe.heads, fn_args.serving_model_dir)
    write_report(training_report(spec.recipe_name, trained, prepared_seconds), fn_args.model_run_dir)
