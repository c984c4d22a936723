"""For TFX, the labelled impressions of one day as a file of an Examples artifact."""

from collections import Counter
from itertools import chain

from components.ingestion.steps.days import DayRows, LabelDay, counted, label_pieces
from components.ingestion.steps.results import DayWriter
from files.storage import new_file
from transforms.examples import to_examples, write_examples


def write_day_examples(item: LabelDay) -> DayRows:
    """Writes the day to `item.out`; writes nothing for a day without labelled impressions."""
    rows: Counter[str] = Counter()
    pieces = counted(label_pieces(item), rows)
    first = next(pieces)
    if first.num_rows:
        with new_file(item.out) as path:
            write_examples((example for piece in chain([first], pieces) for example in to_examples(piece)), path)
    return DayRows(dict(rows))


EXAMPLES = DayWriter("examples", ".tfrecord.gz", write_day_examples, empty=False)
"""Writes days as the splits of Examples."""
