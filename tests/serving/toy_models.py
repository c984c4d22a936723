"""SavedModels small enough to make in a test, with the two signatures of a served model, and broken ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

Index = tf.lookup.TextFileIndex
VOCABULARY = ("free", "premium")
HEADS = ("ad_stream", "click")
_EXAMPLE = {
    "age": tf.io.FixedLenFeature([], tf.float32, float("nan")),
    "product": tf.io.FixedLenFeature([], tf.string, ""),
    "show_id": tf.io.FixedLenFeature([], tf.string, ""),
    "genres": tf.io.RaggedFeature(tf.string),
    "embedding": tf.io.FixedLenFeature([2], tf.float32, [float("nan")] * 2),
}
_CANDIDATES = {
    "age": tf.TensorSpec([1], tf.float32),
    "product": tf.TensorSpec([1], tf.string),
    "show_id": tf.TensorSpec([None], tf.string),
    "genres": tf.TensorSpec([None, 2], tf.string),
    "embedding": tf.TensorSpec([None, 2], tf.float32),
}


class Toy(tf.Module):
    """`ad_stream` is the bias plus what the features add; `click` is half of it."""

    def __init__(self, bias: float, vocabulary: Path) -> None:
        super().__init__()
        self.bias = tf.Variable(bias, dtype=tf.float32, name="bias")
        self.vocabulary = tf.saved_model.Asset(str(vocabulary))
        initializer = tf.lookup.TextFileInitializer(
            self.vocabulary, tf.string, Index.WHOLE_LINE, tf.int64, Index.LINE_NUMBER
        )
        self.table = tf.lookup.StaticHashTable(initializer, -1)

    def scores(self, age, product, show_id, genres, embedding):
        known = tf.cast(self.table.lookup(product), tf.float32)  # free 0, premium 1, else -1
        age = tf.where(tf.math.is_nan(age), 0.0, age)
        vector = tf.reduce_sum(tf.where(tf.math.is_nan(embedding), 0.0, embedding), 1)
        kinds = tf.reduce_sum(tf.cast(genres != "", tf.float32), 1)
        length = tf.cast(tf.strings.length(show_id), tf.float32)
        total = self.bias + age + 10.0 * known + 100.0 * length + vector + 1000.0 * kinds
        return {"ad_stream": total, "click": total / 2.0}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")])
    def serving_default(self, examples):
        parsed = tf.io.parse_example(examples, _EXAMPLE)
        genres = parsed.pop("genres").to_tensor("", shape=[None, 2])
        return self.scores(genres=genres, **parsed)

    @tf.function
    def score_without_age(self, product, show_id, genres, embedding):
        return self.scores(tf.zeros([1]), product, show_id, genres, embedding)

    @tf.function
    def score_candidates(self, age, product, show_id, genres, embedding):
        return self.scores(age, product, show_id, genres, embedding)


def expected(bias: float, *, age: float, known: int, length: int, vector: float, kinds: int) -> float:
    """The `ad_stream` of a row, worked out in Python."""
    return bias + age + 10.0 * known + 100.0 * length + vector + 1000.0 * kinds


def save_toy(path: Path, bias: float = 0.0, *, age: bool = True) -> Path:
    """Writes a sound SavedModel whose `ad_stream` has this bias; `score_candidates` may lack the input `age`."""
    vocabulary = path.parent / f".{path.name}-vocabulary.txt"
    vocabulary.parent.mkdir(parents=True, exist_ok=True)
    vocabulary.write_text("\n".join(VOCABULARY) + "\n")
    toy = Toy(bias, vocabulary)
    tf.saved_model.save(
        toy,
        str(path),
        signatures={
            "serving_default": toy.serving_default,
            "score_candidates": (toy.score_candidates if age else toy.score_without_age).get_concrete_function(
                **{
                    name: tf.TensorSpec(spec.shape, spec.dtype, name)
                    for name, spec in _CANDIDATES.items()
                    if age or name != "age"
                }
            ),
        },
    )
    vocabulary.unlink()
    return path


def example(**features: float | str | list) -> bytes:
    """A serialized tf.Example."""
    message = tf.train.Example()
    for name, value in features.items():
        values = value if isinstance(value, list) else [value]
        if isinstance(values[0], str):
            message.features.feature[name].bytes_list.value.extend(str(text).encode() for text in values)
        else:
            message.features.feature[name].float_list.value.extend(values)
    return message.SerializeToString()


def _save_function(function: Callable, path: Path, *, jit: bool = False) -> None:
    module = tf.Module()
    module.weight = tf.Variable(2.0, name="weight")
    spec = tf.TensorSpec([None], tf.float32, "x")
    inner = tf.function(lambda x: function(x) * module.weight, jit_compile=jit)
    module.call = tf.function(lambda x: {"y": inner(x)}, input_signature=[spec])
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})


def save_python_function(path: Path) -> None:
    """Loads in Python only: the op calls back into the process."""
    _save_function(lambda x: tf.ensure_shape(tf.py_function(lambda v: v + 1.0, [x], tf.float32), [None]), path)


def save_numpy_function(path: Path) -> None:
    """Loads in Python only: the op calls back into the process."""
    _save_function(lambda x: tf.ensure_shape(tf.numpy_function(np.negative, [x], tf.float32), [None]), path)


def save_half_precision(path: Path) -> None:
    """Sound, with an output `half` of a type that the client does not read beside `y`, twice the input."""
    module = tf.Module()
    module.call = tf.function(
        lambda x: {"y": 2.0 * x, "half": tf.cast(x, tf.float16)},
        input_signature=[tf.TensorSpec([None], tf.float32, "x")],
    )
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})


def save_jit_compiled(path: Path) -> None:
    """Needs XLA."""
    _save_function(lambda x: x + 1.0, path, jit=True)


def save_keras_the_obvious_way(path: Path) -> None:
    """A Keras 3 model whose variables no Session restores."""
    import keras

    model = keras.Sequential([keras.Input([3], name="x"), keras.layers.Dense(2, name="only")])
    tf.saved_model.save(model, str(path))


def save_with_unserved_functions(path: Path) -> None:
    """Sound, twice the input: what Python or XLA would have to run is in functions that no signature calls."""
    module = tf.Module()
    module.weight = tf.Variable(2.0, name="weight")
    spec = [tf.TensorSpec([None], tf.float32, "x")]
    module.call = tf.function(lambda x: {"y": x * module.weight}, input_signature=spec)
    module.plot = tf.function(lambda x: tf.py_function(lambda v: v + 1.0, [x], tf.float32), input_signature=spec)
    module.fast = tf.function(lambda x: x + 1.0, input_signature=spec, jit_compile=True)
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})


def save_reference_variable(path: Path, op: str, assigned: str) -> None:
    """TensorFlow 1's graph of an input times a variable, which is 3.0 once it is assigned: at "init" or each "call"."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None], "x")
        variable = getattr(tf.raw_ops, op)(shape=[], dtype=tf.float32, name="weight")
        assign = tf.raw_ops.Assign(ref=variable, value=3.0)
        with tf.control_dependencies([assign] if assigned == "call" else []):
            y = x * tf.identity(variable)
        builder = v1.saved_model.Builder(str(path))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        init = assign.op if assigned == "init" else tf.no_op()
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature}, main_op=init)
        builder.save()
