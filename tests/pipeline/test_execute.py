import io

from rich.console import Console

from pipeline.commands.options import as_typed
from pipeline.config import Config
from pipeline.execute import has_logs, show_next_steps
from tests.components.ingestion.object_store import ObjectStore
from tests.components.ingestion.random_logs import random_logs, write_logs


def test_logs_are_found_on_a_disk_and_in_an_object_store(tmp_path):
    logs = write_logs(random_logs(4, 4, 0.0), tmp_path / "logs")
    for root in ("", f"{ObjectStore.scheme()}:/"):
        assert has_logs(f"{root}{logs}")
        assert not has_logs(f"{root}{tmp_path}/nowhere")


def test_commands_to_try_next_are_shown_as_they_are_typed():
    screen = Console(file=io.StringIO(), width=40)
    show_next_steps(Config(), as_typed("c.yaml", ["features.groups=[user, content]", "name=a"]), screen)
    assert "coldcast serve -c c.yaml --set 'features.groups=[user, content]' --set name=a\n" in screen.file.getvalue()
