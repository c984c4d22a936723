"""The names by which a served model is asked; a module without TensorFlow, for clients."""

EXAMPLES = "serving_default"
"""The signature of serialized tf.Examples; also what TensorFlow Serving takes an empty name for."""
CANDIDATES = "score_candidates"
"""The signature of one user with N candidates."""
WARMUP_FILE = "assets.extra/tf_serving_warmup_requests"
"""Where TensorFlow Serving looks for warm-up requests, below a SavedModel."""
