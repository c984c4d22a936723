"""TFX's standard artifacts in and out of the pusher's executor."""

from pathlib import Path

import pytest
from google.protobuf import json_format
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts

from components.pusher.errors import PushError
from components.pusher.executor import MESSAGE, OUTCOME, Executor
from components.servable.artifacts import BLESSED, REASON


def _artifacts(folder: Path, *, blessed: bool, name: str, problem: str | None):
    model = standard_artifacts.Model()
    model.uri = str(folder / "model")
    serving = Path(model.uri) / "Format-Serving"
    if not serving.exists():
        serving.mkdir(parents=True)
        (serving / "saved_model.pb").write_text("graph")
    blessing = standard_artifacts.ModelBlessing()
    blessing.set_int_custom_property("blessed", int(blessed))
    blessing.uri = str(folder / "blessing")
    Path(blessing.uri).mkdir(exist_ok=True)
    if blessed:
        (Path(blessing.uri) / "BLESSED").touch()
    servable = standard_artifacts.InfraBlessing()
    servable.set_int_custom_property(BLESSED, int(problem is None))
    servable.set_string_custom_property(REASON, problem or "")
    servable.uri = str(folder / "servable")
    pushed = standard_artifacts.PushedModel()
    pushed.uri = str(folder / name)
    inputs = {"model": [model], "model_blessing": [blessing], "infra_blessing": [servable]}
    return inputs, {"pushed_model": [pushed]}, pushed


def _push(
    folder: Path,
    *,
    blessed: bool = True,
    name: str = "pushed",
    heads: tuple[str, ...] = (),
    problem: str | None = None,
):
    inputs, outputs, pushed = _artifacts(folder, blessed=blessed, name=name, problem=problem)
    if heads:
        graph = meta_graph_pb2.MetaGraphDef()
        for head in heads:
            graph.signature_def["serving_default"].outputs[head].name = head
        saved = saved_model_pb2.SavedModel(meta_graphs=[graph])
        (folder / "model" / "Format-Serving" / "saved_model.pb").write_bytes(saved.SerializeToString())
    destination = pusher_pb2.PushDestination(
        filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(folder / "out"))
    )
    Executor().Do(inputs, outputs, {"push_destination": json_format.MessageToJson(destination), "code_hash": "x"})
    return pushed


def test_a_blessed_model_is_pushed_with_tfx_properties(tmp_path):
    pushed = _push(tmp_path)
    (version,) = [path.name for path in (tmp_path / "out").iterdir() if path.name.isdigit()]
    assert pushed.get_int_custom_property("pushed") == 1
    assert pushed.get_string_custom_property("pushed_version") == version
    assert pushed.get_string_custom_property("pushed_destination") == str(tmp_path / "out" / version)
    assert pushed.get_string_custom_property(OUTCOME) == "published"
    assert (Path(pushed.uri) / "saved_model.pb").exists()


def test_an_unchanged_rerun_publishes_nothing_and_says_so(tmp_path):
    first = _push(tmp_path)
    again = _push(tmp_path, name="pushed_again")
    version = first.get_string_custom_property("pushed_version")
    assert again.get_string_custom_property("pushed_version") == version
    assert again.get_string_custom_property(OUTCOME) == "already_published"
    assert again.get_string_custom_property(MESSAGE) == (
        f"Nothing was published: this model is version {version} already."
    )


def test_a_damaged_version_is_published_again_and_named(tmp_path):
    version = int(_push(tmp_path).get_string_custom_property("pushed_version"))
    (tmp_path / "out" / f"{version}" / "saved_model.pb").write_text("gr")
    repaired = _push(tmp_path, name="repaired")
    anew = int(repaired.get_string_custom_property("pushed_version"))
    assert anew > version
    assert repaired.get_string_custom_property(OUTCOME) == "published"
    assert repaired.get_string_custom_property(MESSAGE) == (
        f"Published version {anew} at {tmp_path}/out/{anew}, because version {version} of this model is damaged: its "
        "files have changed since its push."
    )
    again = _push(tmp_path, name="again")
    assert again.get_string_custom_property(OUTCOME) == "already_published"


def test_a_rerun_of_an_older_model_names_the_served_version_and_how_to_go_back(tmp_path):
    version = int(_push(tmp_path).get_string_custom_property("pushed_version"))
    out = tmp_path / "out"
    (out / f"{version + 1}").mkdir()
    served = f"Nothing was published: this model is version {version} already, but servers serve the newest version, "
    assert _push(tmp_path, name="again").get_string_custom_property(MESSAGE) == (
        f"{served}{version + 1}; to serve version {version} again, remove the folder {out}/{version + 1}."
    )
    (out / f"{version + 2}").mkdir()
    assert _push(tmp_path, name="once_more").get_string_custom_property(MESSAGE) == (
        f"{served}{version + 2}; to serve version {version} again, remove the folders of all newer versions in {out}."
    )


def test_outputs_that_a_new_version_lacks_are_named(tmp_path):
    version = _push(tmp_path, heads=("ad_stream", "click", "like")).get_string_custom_property("pushed_version")
    message = _push(tmp_path, heads=("ad_stream", "follow"), name="again").get_string_custom_property(MESSAGE)
    assert message.startswith("Published version ")
    assert message.endswith(
        f"; it lacks outputs of version {version}, and clients that read them fail: click, like; serve another recipe "
        "under another serving.model_name."
    )
    more = _push(tmp_path, heads=("ad_stream", "follow", "click"), name="more").get_string_custom_property(MESSAGE)
    assert "lacks" not in more


def test_a_model_that_is_not_blessed_is_not_pushed(tmp_path):
    pushed = _push(tmp_path, blessed=False)
    assert pushed.get_int_custom_property("pushed") == 0
    assert pushed.get_string_custom_property(OUTCOME) == "not_blessed"
    assert not (tmp_path / "out").exists()


def test_a_model_that_no_server_could_use_is_not_pushed_and_the_message_says_why(tmp_path):
    pushed = _push(tmp_path, problem="The op PyFunc calls Python")
    assert pushed.get_int_custom_property("pushed") == 0
    assert pushed.get_string_custom_property(OUTCOME) == "not_servable"
    assert pushed.get_string_custom_property(MESSAGE) == (
        "Nothing was published: the model is blessed, but no server could use it: The op PyFunc calls Python."
    )
    assert not (tmp_path / "out").exists()
    neither = _push(tmp_path, blessed=False, problem="The op PyFunc calls Python", name="neither")
    assert neither.get_string_custom_property(OUTCOME) == "not_blessed"


def test_a_destination_without_a_folder_is_an_error(tmp_path):
    inputs, outputs, _ = _artifacts(tmp_path, blessed=True, name="pushed", problem=None)
    with pytest.raises(PushError, match=r"set pusher\.directory"):
        Executor().Do(inputs, outputs, {"push_destination": "{}"})
