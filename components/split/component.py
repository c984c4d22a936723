"""`TemporalSplit`: ingestion's days become the splits train, validation and test, file by file."""

import posixpath

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import Examples

from components.ingestion.outputs.accounting import read_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact
from components.ingestion.outputs.day_splits import split_of_day
from components.ingestion.outputs.ids import TRAINED_IDS, ids_file, merged_ids, write_ids
from components.split.artifacts import LOGS, SPLIT_ROWS, TRAINED_ROWS, split_rows, trained_rows
from components.split.config import SplitConfig
from components.split.days import SPLITS, SplitError, assign_days
from files.links import link_or_copy


@component
def TemporalSplit(  # noqa: N802, D417
    days: InputArtifact[Examples],
    accounting: InputArtifact[AccountingArtifact],
    examples: OutputArtifact[Examples],
    validation_days: Parameter[int],
    test_days: Parameter[int],
    gap_days: Parameter[int],
    train_days: Parameter[int],
    end: Parameter[str],
) -> None:
    """Gives ingestion's days to the splits train, validation and test, by the accounting's rows a day (docs/data.md).

    Args:
        days: Examples with a split a day, named `day-YYYY-MM-DD`.
        accounting: ingestion's accounting of the same run.
        examples: Examples with the splits `train`, `validation` and `test`; the same files, named after their day.
            Beside them, the file `TRAINED_IDS` has the ids of the training split if `days` has the ids of its days.
        validation_days, test_days, gap_days, train_days, end: see SplitConfig.

    Raises:
        SplitError: a split is empty, or a day has no files.
    """
    config = SplitConfig.of_parameters(
        validation_days=validation_days, test_days=test_days, gap_days=gap_days, train_days=train_days, end=end
    )
    day_splits = artifact_utils.decode_split_names(days.split_names)
    splits = assign_days(read_accounting(accounting.uri).days, config)
    examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
    examples.set_string_custom_property(SPLIT_ROWS, split_rows(days.id, splits))
    logs = days.get_string_custom_property(LOGS)
    if logs:  # without it, nothing says which rows they are
        examples.set_string_custom_property(TRAINED_ROWS, trained_rows(logs, splits["train"]))
    for split, members in splits.items():
        target = artifact_utils.get_split_uri([examples], split)
        fileio.makedirs(target)
        for day in members:
            split_name = split_of_day(day)
            if split_name not in day_splits:
                raise SplitError(
                    f"The accounting counts labelled impressions on {day} but the Examples in {days.uri} have no split "
                    f"{split_name}; run ingestion again."
                )
            _take(artifact_utils.get_split_uri([days], split_name), target, str(day))
    ids = [posixpath.join(days.uri, ids_file(str(day))) for day in splits["train"]]
    if all(map(fileio.exists, ids)):
        write_ids(posixpath.join(examples.uri, TRAINED_IDS), merged_ids(ids))


def _take(source: str, target: str, day: str) -> None:
    """Puts every file of the folder `source` into the folder `target`, named `examples-DAY-...`."""
    for name in sorted(fileio.listdir(source)):
        link_or_copy(
            posixpath.join(source, name), posixpath.join(target, f"examples-{day}-{name.removeprefix('examples-')}")
        )
