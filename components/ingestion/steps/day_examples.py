"""Step 5 for TFX: the labelled impressions of one day as a split of an Examples artifact."""

from components.ingestion.steps.days import DayRows, LabelDay, by_source, label_day
from transforms.examples import to_examples, write_examples

_ROWS = 50_000


def write_day_examples(item: LabelDay) -> DayRows:
    """Writes the day into the folder `item.out`; writes nothing for a day without labelled impressions."""
    table = label_day(item)
    if table.num_rows:
        from tfx.dsl.io import fileio

        fileio.makedirs(item.out)
        pieces = (to_examples(table.slice(start, _ROWS)) for start in range(0, table.num_rows, _ROWS))
        serialized = (example for piece in pieces for example in piece)
        write_examples(serialized, f"{item.out}/examples-00000.tfrecord.gz")
    return by_source(table)
