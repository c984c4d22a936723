"""Commands as a user types them, on the tiny world, and what their runs left."""

import subprocess
import sys
from pathlib import Path

from components.evaluation.results import load
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import RunsError
from pipeline.runs import find_run, list_runs

REPOSITORY = Path(__file__).resolve().parents[2]


def coldcast(*arguments: str, check: bool = True) -> str:
    code = "from pipeline.command_line.main import main; main()"
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert not check or finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


def overrides(folder: Path, root: str) -> list[str]:
    values = [f"logs={folder}/logs", f"root={folder}/{root}", "trainer.epochs=2"]
    return ["--config", "configs/tiny.yaml", *(part for value in values for part in ("--set", value))]


def config_of(folder: Path, root: str = "first") -> Config:
    return load_config(REPOSITORY / "configs/tiny.yaml", overrides(folder, root)[3::2])


def began(config: Config, node: str) -> bool:
    """Whether a run has started `node`; false where nothing has run at all."""
    try:
        return any(run.node(node) for run in list_runs(config))
    except RunsError:
        return False


def heads_of(config: Config) -> tuple[str, ...]:
    """The heads of the pushed branch."""
    assert config.pushed_branch is not None
    return config.pushed_branch.recipe.heads


def versions(config: Config) -> list[str]:
    return sorted(path.name for path in Path(config.models).iterdir() if path.name.isdigit())


def aps(config: Config) -> dict[tuple[str, str], float | None]:
    (uri,) = find_run(config).outputs("Evaluator.joint", "evaluation")
    return {(figure.head, figure.slice): figure.ap for figure in load(uri).figures if figure.model == "candidate"}
