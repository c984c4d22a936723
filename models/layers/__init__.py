"""Keras layers that encoders and the network are made of, one a file."""
