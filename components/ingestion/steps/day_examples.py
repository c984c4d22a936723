"""For TFX, the labelled impressions of one day as a file of an Examples artifact."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import pyarrow as pa

from components.ingestion.outputs.ids import distinct_ids, kept_ids, united_ids, write_ids
from components.ingestion.steps.days import DayRows, LabelDay, counted, label_pieces
from components.ingestion.steps.results import DayWriter
from files.storage import new_file
from transforms.examples import to_examples, write_examples


def write_day_examples(item: LabelDay) -> DayRows:
    """Writes the day to `item.out`, and its ids beside it; writes nothing for a day without labelled impressions."""
    rows: Counter[str] = Counter()
    pieces = counted(label_pieces(item), rows)
    first = next(pieces)
    if first.num_rows:
        ids: list[pa.Table] = []
        with new_file(item.out) as path:
            write_examples(_serialized(chain([first], pieces), ids), path)
        write_ids(kept_ids(item.out), united_ids(ids))
    return DayRows(dict(rows))


def _serialized(pieces: Iterable[pa.Table], ids: list[pa.Table]) -> Iterator[bytes]:
    """The rows of all pieces; adds the distinct ids of each piece to `ids`."""
    for piece in pieces:
        ids.append(distinct_ids(piece))
        yield from to_examples(piece)


EXAMPLES = DayWriter("examples", ".tfrecord.gz", write_day_examples, empty=False)
"""Writes days as the splits of Examples."""
