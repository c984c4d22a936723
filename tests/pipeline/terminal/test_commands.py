import shlex

import pytest

from pipeline.terminal.commands import as_typed


@pytest.mark.parametrize(
    ("overrides", "sections", "options"),
    [
        ([], None, "-c tiny"),
        (["seed=8", "features.groups=[user]"], None, "-c tiny --set seed=8 --set 'features.groups=[user]'"),
        (["seed=8", "seed=9"], None, "-c tiny --set seed=9"),
        (
            ["trainer.epochs=3", "serving.port=1", "root=x"],
            ["serving", "root"],
            "-c tiny --set serving.port=1 --set root=x",
        ),
        (
            ["trainer.epochs=1", "trainer={}", "trainer.epochs=2"],
            None,
            "-c tiny --set 'trainer={}' --set trainer.epochs=2",
        ),
    ],
)
def test_the_last_override_of_a_key_counts_in_its_place(overrides: list[str], sections: list[str] | None, options: str):
    assert as_typed("tiny", overrides, sections) == options


def test_a_shell_reads_what_was_typed():
    assert shlex.split(as_typed("my config.yaml", ["name=a b"])) == ["-c", "my config.yaml", "--set", "name=a b"]
