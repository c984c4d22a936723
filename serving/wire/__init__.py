"""What client and server share: the messages of TensorFlow Serving's API, and their tensors as numpy arrays."""
