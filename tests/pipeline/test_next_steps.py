"""Commands to try after a run."""

from pipeline.configuration.config import Config
from pipeline.next_steps import show_next_steps
from pipeline.terminal.commands import as_typed
from tests.pipeline.terminal.screens import Screen


def next_steps(overrides: list[str], *, served: bool) -> str:
    screen = Screen(40)
    show_next_steps(Config(), ("c.yaml", overrides), screen, served=served)
    return screen.text


def test_commands_are_shown_as_a_shell_takes_them():
    shown = next_steps(["features.groups=[user, content]", "name=a"], served=True)
    assert "coldcast runs show -c c.yaml --set 'features.groups=[user, content]' --set name=a\n" in shown


def test_commands_have_each_option_that_they_need_once():
    shown = next_steps(["trainer.epochs=2", "name=a", "features.groups=[user]", "name=b"], served=True)
    assert "coldcast serve -c c.yaml --set name=b\n" in shown
    assert "coldcast score -c c.yaml --set 'features.groups=[user]' --set name=b\n" in shown
    trial = "--set 'features.groups=[user]' --set name=b --set trainer.epochs=3 --set pusher.enabled=false"
    assert f"coldcast run -c c.yaml {trial}\n" in shown


def test_an_override_stays_after_the_override_of_its_section():
    typed = as_typed("c.yaml", ["trainer.epochs=1", "trainer={}", "trainer.epochs=2"])
    assert typed == "-c c.yaml --set 'trainer={}' --set trainer.epochs=2"


def test_without_a_published_model_no_command_needs_a_server():
    shown = next_steps([], served=False)
    assert "coldcast runs show -c c.yaml\n" in shown
    assert "coldcast serve" not in shown
    assert "coldcast score" not in shown


def test_a_change_of_the_sources_or_labels_is_kept_with_all_that_depends_on_it():
    shown = next_steps(["labels.save={kind: save}", "tasks.save.label=save", "name=a"], served=True)
    assert (
        "coldcast score -c c.yaml --set 'labels.save={kind: save}' --set tasks.save.label=save --set name=a\n" in shown
    )
    assert "coldcast serve -c c.yaml --set name=a\n" in shown
