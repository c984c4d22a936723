"""Stage 5 for TFX: the labelled impressions of one day as a split of an Examples artifact."""

from typing import Any

from components.ingestion.steps.days import LabelDay, by_source, label_day
from transforms.examples import to_examples, write_examples

_ROWS = 50_000


def write_day_examples(item: LabelDay) -> dict[str, Any]:
    """Writes the day into the folder `item.out`, a day without labelled impressions not at all.

    Returns:
        labelled: rows by source.
    """
    table = label_day(item)
    if table.num_rows:
        from tfx.dsl.io import fileio

        fileio.makedirs(item.out)
        pieces = (to_examples(table.slice(start, _ROWS)) for start in range(0, table.num_rows, _ROWS))
        serialized = (example for piece in pieces for example in piece)
        write_examples(serialized, f"{item.out}/examples-00000.tfrecord.gz")
    return {"labelled": by_source(table)}
