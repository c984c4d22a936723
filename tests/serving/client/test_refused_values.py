"""What the client cannot send, it refuses before it asks the server, in words."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from serving.client import Client
from serving.errors import (
    BadRequestError,
)
from tests.serving.toy_models import example


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (
            np.zeros(1, np.float16),
            "The input 'x' is a float16 array, which cannot be sent; give float32, float64, int32",
        ),
        (np.zeros(1, ">f4"), "'x' is a >f4 array"),
        (np.array([1.5], object), "'x' takes text, not 1.5"),
        (np.array(["\ud800"]), "'x' takes text, not"),
        ([1.5], "'x' takes a numpy array, not a list"),
    ],
)
def test_arrays_that_cannot_be_sent_are_refused_in_words(client: Client, array: np.ndarray, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        client.predict("score_candidates", {"x": array})


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        (["text"], "Example 0 is a str; give bytes"),
        ([example(), None], "Example 1 is a NoneType"),
        (example(age=1.5), "Give a list of serialized tf.Examples, also for a single one"),
        ("text", "Give a list of serialized"),
        (None, "in a list, not in a NoneType"),
        ({b"", b"a"}, "in a list, not in a set"),
    ],
    ids=["text", "nothing", "a single one", "a single text", "none", "a set"],
)
def test_examples_that_are_no_bytes_are_refused_in_words(client: Client, examples: list, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        client.score_examples(examples)


def test_a_filter_that_is_a_single_name_is_refused_in_words(client: Client) -> None:
    examples = {"examples": np.array([example()], object)}
    with pytest.raises(BadRequestError, match="output_filter takes a list of output names, not 'click'"):
        client.predict("serving_default", examples, "click")


@pytest.mark.parametrize(
    ("request_", "candidates", "words"),
    [
        ({"agee": 1.0}, {"show_id": ["a"]}, "request has no feature 'agee'; it takes age, product"),
        ({"show_id": "a"}, {"show_id": ["a"]}, "request has no feature 'show_id'"),
        ({}, {"age": [1.0]}, "candidates has no feature 'age'; it takes embedding, genres, show_id"),
        ({}, {}, "no candidates"),
        ({}, {"show_id": ["a"], "genres": [["a"], ["b"]]}, "differ in length.*show_id 1, genres 2"),
        ({"age": "old"}, {"show_id": ["a"]}, "'age' takes a number, not 'old'"),
        ({"product": 1}, {"show_id": ["a"]}, "'product' takes text, not 1"),
        ({}, {"genres": ["comedy"]}, "'genres' takes a list for each value, not 'comedy'"),
        ({}, {"embedding": [[1.0, 2.0, 3.0]]}, "'embedding' takes 2 numbers, but a value has 3"),
        ({}, {"show_id": "abc"}, "'show_id' takes a list with one value for each candidate, not 'abc'"),
        ({}, {"show_id": 7}, "'show_id' takes a list with one value for each candidate, not 7"),
        ({"product": "\ud800"}, {"show_id": ["a"]}, "'product' takes text, not"),
        ({"age": 1j}, {"show_id": ["a"]}, "'age' takes a number, not 1j"),
        ({"age": 10**5000}, {"show_id": ["a"]}, "'age' takes numbers up to 3.4e38, the greatest that float32 holds"),
        ({"age": -1e300}, {"show_id": ["a"]}, "'age' takes numbers up to 3.4e38"),
        ({"age": Decimal("1e400")}, {"show_id": ["a"]}, "'age' takes numbers up to 3.4e38"),
        ({"age": np.datetime64("2024-01-01")}, {"show_id": ["a"]}, r"'age' takes a number, not (numpy|np)\.datetime64"),
        ({"age": np.timedelta64(3, "s")}, {"show_id": ["a"]}, r"'age' takes a number, not (numpy|np)\.timedelta64"),
        ({"age": np.array(3.0)}, {"show_id": ["a"]}, "'age' takes a number, not array"),
        ({}, {"embedding": [[1.0, 1e39]]}, "'embedding' takes numbers up to 3.4e38"),
        ({}, {"embedding": [np.array(3.0)]}, "'embedding' takes a list for each value, not array"),
        ({}, {"genres": [{"a", "b"}]}, "'genres' takes a list for each value, not {"),
        ({}, {"show_id": np.array("a")}, "'show_id' takes a list with one value for each candidate, not array"),
        ({}, {"show_id": {"a"}}, "'show_id' takes a list with one value for each candidate, not {'a'}"),
        ({}, {"show_id": {"a": 1}.keys()}, "'show_id' takes a list with one value for each candidate, not dict_keys"),
        ({}, {"show_id": {"a": "b"}}, "'show_id' takes a list with one value for each candidate, not {'a': 'b'}"),
        ({}, {"show_id": pd.DataFrame({"a": ["b"]})}, "'show_id' takes a list with one value for each candidate"),
        (None, {"show_id": ["a"]}, "request takes a dict with a value for each feature, not a NoneType"),
        ({}, None, "candidates takes a dict with a list for each feature, not a NoneType"),
        ({}, pd.Series([["a"]]), "candidates takes a dict with a list for each feature, not a Series"),
        ({}, ["a"], "candidates takes a dict with a list for each feature, not a list"),
        ({}, [{"show_id": "a"}], "candidates is a list with a dict for each candidate; give a dict with a list"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_words(
    client: Client, request_: dict, candidates: dict, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words):
        client.score_candidates(request_, candidates)
