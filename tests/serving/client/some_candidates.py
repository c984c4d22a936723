"""A request and two candidates, and what version 1 of the toy model answers."""

from tests.serving.toy_models import expected

REQUEST = {"age": 1.5, "product": "premium"}
CANDIDATES = {"show_id": ["abc", None], "genres": [["a", "b"], None], "embedding": [[1.0, 2.0], None]}
AD_STREAM = [
    expected(1.0, age=1.5, known=1, length=3, vector=3.0, kinds=2),
    expected(1.0, age=1.5, known=1, length=0, vector=0.0, kinds=0),
]
