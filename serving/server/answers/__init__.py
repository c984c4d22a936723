"""The answers of the server to any protocol, one file a call: a request's message in, a response's message out.

Each answer raises `serving.server.refusal.Refusal` where it refuses. The fronts (`serving/server/front.py`) call
them from threads.
"""
