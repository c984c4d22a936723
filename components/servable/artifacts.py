"""The custom properties of ServableGate's InfraBlessing. This module does not import TensorFlow."""

BLESSED = "blessed"
"""1 or 0: whether TFX's Pusher may push the model."""

MODEL_ID = "model_id"
"""The id of the Model artifact that was checked."""

REASON = "reason"
"""Why no server could use the model, in a sentence without its full stop; "" for a blessed model."""
