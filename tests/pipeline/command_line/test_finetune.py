"""The command that a fine-tuning run notes for the next time."""

from pipeline.command_line.finetune import command_of
from pipeline.finetune.start import Start
from tests.pipeline.finetune.test_config import START


def test_the_noted_command_makes_the_same_model() -> None:
    start = Start("2026", "joint", *(START.model, START.transform_graph, START.examples, START.spec))
    frozen = command_of("-c tiny", start, "save", instead_of=None, frozen=True)
    assert frozen == "coldcast finetune -c tiny --from 2026 --branch joint --task save"
    whole = command_of("-c tiny", start, "save", instead_of="like", frozen=False)
    assert whole == f"{frozen} --instead-of like --unfrozen"
