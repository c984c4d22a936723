"""The messages of TensorFlow Serving's API, and their tensors as numpy arrays; client and server share them."""
