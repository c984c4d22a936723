"""Serving: the embedded server with its client, the load checks, and the files to run TensorFlow Serving itself."""
