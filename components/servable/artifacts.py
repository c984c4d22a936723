"""The custom properties of ServableGate's InfraBlessing; a module without TensorFlow, for those that read them."""

BLESSED = "blessed"
"""1 or 0: by this TFX's Pusher knows whether the model may be pushed."""

MODEL_ID = "model_id"
"""The id of the Model artifact that was checked."""

REASON = "reason"
"""Why no server could use the model, in a sentence without its full stop; "" for a blessed model."""
