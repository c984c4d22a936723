import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from files.errors import FolderError
from simulation import files
from simulation.config import SimulationConfig
from simulation.simulate import simulate


@pytest.mark.parametrize(("rows", "sizes"), [(0, [0]), (7, [7]), (15, [7, 7, 1])])
def test_a_table_is_written_in_pieces(tmp_path, monkeypatch, rows: int, sizes: list[int]):
    monkeypatch.setattr(files, "ROWS_A_FILE", 7)
    files.write_table(pa.table({"number": pa.array(range(rows), pa.int64())}), tmp_path / "t")
    parts = sorted((tmp_path / "t").iterdir())
    assert [part.name for part in parts] == [f"part-{number:05d}.parquet" for number in range(len(sizes))]
    numbers = [pq.read_table(part)["number"].to_pylist() for part in parts]
    assert [len(part) for part in numbers] == sizes
    assert [number for part in numbers for number in part] == list(range(rows))


def test_a_world_is_written_into_no_object_store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FolderError, match=r"gs://bucket/x is not a folder on this machine: name one"):
        simulate(SimulationConfig(preset="tiny"), "gs://bucket/x")
    assert list(tmp_path.iterdir()) == []
