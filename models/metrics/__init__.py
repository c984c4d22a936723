"""Average precision, and the figures of a validation."""
