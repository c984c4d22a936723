"""What the server answers, one file a call, whatever the protocol: a request's message in, a response's message out.

Each answer raises `serving.server.refusal.Refusal` where it refuses. The fronts (`serving/server/front.py`) call
them from threads.
"""
