"""Serving: the embedded server, its client, the load checks, and the files to run TensorFlow Serving itself.

- `server/`: the embedded server. `server/front.py` says how to add another protocol, such as REST.
- `client/`: the client, and the file form of its requests. It does not import TensorFlow.
- `wire/`: the messages and tensors that server and client share.
- `loadcheck/`: whether a SavedModel loads in TensorFlow Serving, and answers.
- `deploy/`: TensorFlow Serving with Compose and Kubernetes.
- `config.py`, `errors.py`, `tls.py`: for both sides.
"""
