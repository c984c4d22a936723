"""Makes Arrow arrays from NumPy arrays without a Python object for each value: ids, names, numbers, vectors."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.arrays import Floats, Ints
from simulation.events import NONE


def ids(prefix: str, numbers: Ints, digits: int) -> pa.Array:
    """`prefix` and the number with leading zeros; NONE gives null. Ids sort as their numbers do."""
    mask = np.asarray(numbers) == NONE
    text = pc.utf8_lpad(pa.array(numbers, pa.int64(), mask=mask).cast(pa.string()), width=digits, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), text, "")


def pick(values: pa.Array, codes: Ints) -> pa.Array:
    """The values at the codes, null where the code is NONE."""
    codes = np.asarray(codes)
    return values.take(pa.array(codes, pa.int64(), mask=codes == NONE))


def whole(numbers: Ints) -> pa.Array:
    """int64, null where the number is NONE."""
    return pa.array(numbers, pa.int64(), mask=np.asarray(numbers) == NONE)


def vectors(rows: Floats) -> pa.Array:
    """Lists of float32; [n, length]."""
    offsets = np.arange(0, rows.size + 1, rows.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.astype(np.float32).ravel()))
