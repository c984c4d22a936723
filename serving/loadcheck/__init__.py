"""Does a SavedModel load in TensorFlow Serving? A check that names what does not, and one that really loads it."""
