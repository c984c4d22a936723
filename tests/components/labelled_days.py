"""A stand-in for Ingestion: random labelled impressions as Examples with a split a day, and their accounting."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.types.standard_artifacts import Examples

from components.ingestion.outputs.accounting import Accounting, DayCount, TableCount, write_accounting
from components.ingestion.outputs.artifacts import AccountingArtifact
from tests.labelled_rows import random_labelled
from transforms.examples import to_examples, write_examples
from transforms.features import FEATURES

SOME_FEATURES = tuple(
    feature
    for feature in FEATURES
    if feature.name in ("user_hours_30d", "show_id", "genres", "show_embedding", "device", "hour", "creative_format")
)
"""One or two of each kind: fewer features, faster runs."""


@component
def LabelledDays(  # noqa: N802
    examples: OutputArtifact[Examples],
    accounting: OutputArtifact[AccountingArtifact],
    rows: Parameter[int],
    days: Parameter[int] = 4,
    seed: Parameter[int] = 0,
    device: Parameter[str] = "",
    like: Parameter[int] = 1,
    quarantined: Parameter[int] = 0,
    last_device: Parameter[str] = "",
    last_without_hours: Parameter[int] = 0,
) -> None:
    """`days` days from 2026-01-01; `device` replaces all devices, `like` multiplies the label.

    `last_device` replaces those of the last day alone, whose `user_hours_30d` `last_without_hours` takes away.
    """
    table = random_labelled(rows, seed=seed, features=SOME_FEATURES, days=days)
    if device:
        table = _replace(table, "device", pa.array([device] * rows))
    table = _replace(table, "like", pc.multiply(table["like"], like))
    dates = pc.strftime(table["timestamp"], "%Y-%m-%d").to_numpy()
    last = pa.array(dates == max(dates))
    if last_device:
        table = _replace(table, "device", pc.if_else(last, last_device, table["device"]))
    if last_without_hours:
        table = _replace(table, "user_hours_30d", pc.if_else(last, None, table["user_hours_30d"]))
    serialized, sources = to_examples(table), table["source"].to_numpy()
    names = sorted(set(dates))
    examples.split_names = artifact_utils.encode_split_names([f"day-{day}" for day in names])
    counts = {}
    for day in names:
        folder = artifact_utils.get_split_uri([examples], f"day-{day}")
        fileio.makedirs(folder)
        write_examples(serialized[dates == day], f"{folder}/examples-00000.tfrecord.gz")
        labelled = {source: int(np.sum(sources[dates == day] == source)) for source in ("promotion", "ad")}
        counts[day] = DayCount(sum(labelled.values()), 0, 0, 0, labelled)
    tables = {"impressions": TableCount(rows + quarantined, {"null_key": quarantined}, 0)}
    write_accounting(
        Accounting(
            tables | {"interactions": TableCount(0, {}, 0)}, {}, counts, 1_767_225_600_000_000 + days * 86_400_000_000
        ),
        accounting.uri,
    )


def _replace(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values.cast(table.schema.field(name).type))
