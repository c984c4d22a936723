"""Average precision, and what validation reads of a model."""
