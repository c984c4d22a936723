"""What would not work in TensorFlow Serving is caught: named without loading, and in C++ by loading and asking."""

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from models.signatures import WARMUP_FILE
from serving.config import ServingConfig
from serving.errors import ServingError
from serving.loadcheck.__main__ import main
from serving.loadcheck.build import BUILD_DIR, build
from serving.loadcheck.native import answers
from serving.savedmodel.static import findings, require_servable
from serving.server.versions.loaded_model import load
from tests.serving.server.test_api import CANDIDATES
from tests.serving.toy_models import (
    example,
    save_jit_compiled,
    save_keras_the_obvious_way,
    save_numpy_function,
    save_python_function,
    save_reference_variable,
    save_with_unserved_functions,
)

BAD = {
    "EagerPyFunc": save_python_function,
    "PyFunc": save_numpy_function,
    "jit_compile": save_jit_compiled,
    "only/kernel": save_keras_the_obvious_way,
}
NATIVE_REASON = {
    "EagerPyFunc": "EagerPyFunc",
    "PyFunc": "PyFunc",
    "jit_compile": "XLA compilation disabled",
    "only/kernel": "Could not find variable",
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("bad")

    def saved(name: str) -> Path:
        path = folder / name.replace("/", "-")
        if not path.exists():
            BAD[name](path)
        return path

    return saved


@pytest.fixture
def edited(toys: Callable[[int], Path], tmp_path: Path) -> Callable[[Callable], Path]:
    """A copy of a sound SavedModel with its graph changed."""

    def edit(change: Callable) -> Path:
        path = tmp_path / "edited"
        shutil.copytree(toys(1), path)
        saved_model = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
        change(saved_model.meta_graphs[0])
        (path / "saved_model.pb").write_bytes(saved_model.SerializeToString())
        return path

    return edit


def test_a_sound_model_has_no_findings(toys: Callable[[int], Path]) -> None:
    assert findings(str(toys(1))) == []
    require_servable(str(toys(1)))


@pytest.mark.parametrize("name", BAD)
def test_the_static_check_names_what_python_alone_can_load(bad: Callable[[str], Path], name: str) -> None:
    path = bad(name)
    tf.saved_model.load(str(path))  # Python's loader sees nothing wrong
    assert name in " ".join(findings(str(path)))
    with pytest.raises(ServingError):
        require_servable(str(path))


def test_it_names_a_custom_op(edited: Callable[[Callable], Path]) -> None:
    def change(meta_graph) -> None:
        graph = meta_graph.graph_def
        called = {node.attr["f"].func.name for node in graph.node if node.name == "StatefulPartitionedCall"}
        (function,) = (function for function in graph.library.function if function.signature.name in called)
        function.node_def[0].op = "MyOwnOp"

    (problem,) = findings(str(edited(change)))
    assert problem.startswith("The op MyOwnOp (node")
    assert problem.endswith("is a custom op, not one of TensorFlow's own.")


def test_functions_that_nothing_served_calls_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "model"
    save_with_unserved_functions(path)
    assert {"EagerPyFunc"} & {node.op for function in _functions(path) for node in function.node_def}
    assert findings(str(path)) == []
    (outputs,) = answers(path, [("serving_default", {"x": np.array([1.0, 2.0], np.float32)})])
    assert outputs["y"].tolist() == [2.0, 4.0]


def _functions(path: Path) -> list:
    saved_model = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    return list(saved_model.meta_graphs[0].graph_def.library.function)


def test_an_op_of_the_main_graph_needs_a_kernel_though_nothing_reads_it(edited: Callable[[Callable], Path]) -> None:
    def change(meta_graph) -> None:
        node = meta_graph.graph_def.node.add(name="stray", op="PyFunc")
        node.attr["token"].s = b"x"
        for types in ("Tin", "Tout"):
            node.attr[types].list.SetInParent()

    path = edited(change)
    (problem,) = findings(str(path))
    assert problem.startswith("The op PyFunc (node 'stray') calls Python")
    with pytest.raises(ServingError, match="No OpKernel was registered"):
        answers(path)


@pytest.mark.parametrize("op", ["VariableV2", "Variable"])
@pytest.mark.parametrize("assigned", ["never", "init", "call"])
def test_it_names_a_reference_variable_that_nothing_assigns(tmp_path: Path, op: str, assigned: str) -> None:
    save_reference_variable(tmp_path / "model", op, assigned)
    request = ("serving_default", {"x": np.array([2.0], np.float32)})
    if assigned == "never":
        (problem,) = findings(str(tmp_path / "model"))
        assert problem.startswith(
            "The variable 'weight' (node 'weight') is read by a signature, but nothing restores it"
        )
        with pytest.raises(ServingError, match="uninitialized value weight"):
            answers(tmp_path / "model", [request])
    else:
        assert findings(str(tmp_path / "model")) == []
        assert answers(tmp_path / "model", [request])[0]["y"].tolist() == [6.0]


def test_it_names_a_table_that_nothing_initialises(edited: Callable[[Callable], Path]) -> None:
    def change(meta_graph) -> None:
        del meta_graph.signature_def["__saved_model_init_op"]
        del meta_graph.collection_def["saved_model_main_op"]

    path = edited(change)
    problems = findings(str(path))
    assert problems
    assert all(sentence.startswith("The lookup table 'hash_table") for sentence in problems)
    assert all("nothing initialises it" in sentence for sentence in problems)
    with pytest.raises(ServingError, match="Table not initialized"):
        answers(path, [("score_candidates", CANDIDATES)])


def test_it_names_a_variable_that_the_checkpoint_lacks(
    toys: Callable[[int], Path], edited: Callable[[Callable], Path]
) -> None:
    path = edited(lambda meta_graph: None)
    other = tf.train.Checkpoint(other=tf.Variable(1.0))
    shutil.rmtree(path / "variables")
    other.write(str(path / "variables" / "variables"))
    (problem,) = findings(str(path))
    assert problem.startswith("The variable 'bias/.ATTRIBUTES/VARIABLE_VALUE' must be restored but is not in")


@pytest.mark.parametrize("file", ["variables/variables.index", "assets/.1-vocabulary.txt", "saved_model.pb"])
def test_it_names_a_missing_file(edited: Callable[[Callable], Path], file: str) -> None:
    path = edited(lambda meta_graph: None)
    (path / file).unlink()
    with pytest.raises(ServingError, match=f"{Path(file).name}.* is missing"):
        require_servable(str(path))


def test_it_names_a_damaged_index_of_variables(
    edited: Callable[[Callable], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited(lambda meta_graph: None)
    index = path / "variables" / "variables.index"
    whole = index.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], bytes([whole[0] ^ 255]) + whole[1:], b"x" * len(whole)):
        index.write_bytes(damaged)
        (problem,) = findings(str(path))
        assert re.match(r"The variables in .*variables cannot be read, the index is damaged: .*\.$", problem)
        assert main([str(path)]) == 1
        assert capsys.readouterr().out == f"{problem}\n"


def test_a_graph_without_the_serving_tag_or_cut_short_is_an_error(edited: Callable[[Callable], Path]) -> None:
    path = edited(lambda meta_graph: meta_graph.meta_info_def.tags.append("train"))
    with pytest.raises(ServingError, match="no graph with the tag 'serve'"):
        findings(str(path))
    file = path / "saved_model.pb"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ServingError, match="is not a whole SavedModel"):
        findings(str(path))


def test_a_sound_model_answers_in_cpp_as_in_python(toys: Callable[[int], Path]) -> None:
    examples = np.array([example(age=2.5, product="free", genres=["x"]), example()], object)
    requests = [("serving_default", {"examples": examples}), ("score_candidates", CANDIDATES)]
    outside = answers(toys(1), requests)
    model = load(str(toys(1)), 1, ServingConfig())
    for (signature, inputs), native in zip(requests, outside, strict=True):
        protos = {name: tf.make_tensor_proto(array) for name, array in inputs.items()}
        python = model.signatures[signature].run(protos)
        assert sorted(native) == sorted(python)
        for head, scores in native.items():
            np.testing.assert_allclose(scores, python[head], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", BAD)
def test_cpp_refuses_what_python_alone_can_load(bad: Callable[[str], Path], name: str) -> None:
    inputs = {"inputs": np.ones([1, 3], np.float32)} if "only" in name else {"x": np.ones([1], np.float32)}
    with pytest.raises(ServingError, match=NATIVE_REASON[name]):
        answers(bad(name), [("serving_default", inputs)])


def test_cpp_says_which_signature_or_input_is_missing(toys: Callable[[int], Path]) -> None:
    with pytest.raises(ServingError, match="no signature other"):
        answers(toys(1), [("other", {})])
    with pytest.raises(ServingError, match="no whole input examples"):
        answers(toys(1), [("serving_default", {})])
    with pytest.raises(ServingError, match="Could not find SavedModel"):
        answers(toys(1).parent / "nowhere")


def test_the_program_is_built_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = build()
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("compiled again"))
    assert build(BUILD_DIR) == program
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(ServingError, match="finds no 'no-such-compiler'"):
        build(tmp_path)


def test_by_hand_it_says_what_is_wrong_or_that_nothing_is(
    toys: Callable[[int], Path], bad: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(toys(1))]) == 0
    assert "loads outside Python and answers its 0 warm-up requests" in capsys.readouterr().out
    assert main([str(bad("PyFunc"))]) == 1
    assert "The op PyFunc" in capsys.readouterr().out
    assert main([]) == 2


def test_by_hand_it_says_that_warmup_requests_are_damaged(
    edited: Callable[[Callable], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited(lambda meta_graph: None)
    file = path / WARMUP_FILE
    file.parent.mkdir()
    for damaged in (b"this is no TFRecord", _record(b"whole")[:-1], _record(b"\xff no PredictionLog")):
        file.write_bytes(damaged)
        assert main([str(path)]) == 1
        assert capsys.readouterr().out == f"{file} cannot be read as warm-up requests; export the model again.\n"


def _record(content: bytes) -> bytes:
    """A TFRecord file with one record."""
    with tempfile.NamedTemporaryFile() as file:
        with tf.io.TFRecordWriter(file.name) as writer:
            writer.write(content)
        return Path(file.name).read_bytes()
