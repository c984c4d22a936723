"""For TFX, the labelled impressions of one day as a file of an Examples artifact."""

from components.ingestion.steps.days import DayRows, LabelDay, by_source, label_day
from components.ingestion.steps.results import DayWriter
from files.storage import new_file
from transforms.examples import to_examples, write_examples

_ROWS = 50_000


def write_day_examples(item: LabelDay) -> DayRows:
    """Writes the day to `item.out`; writes nothing for a day without labelled impressions."""
    table = label_day(item)
    if table.num_rows:
        pieces = (to_examples(table.slice(start, _ROWS)) for start in range(0, table.num_rows, _ROWS))
        serialized = (example for piece in pieces for example in piece)
        with new_file(item.out) as path:
            write_examples(serialized, path)
    return by_source(table)


EXAMPLES = DayWriter("examples", ".tfrecord.gz", write_day_examples, empty=False)
"""Writes days as the splits of Examples."""
