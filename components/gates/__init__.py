"""The gates for data: each stops the run, with one sentence, if the data are not good enough.

`components/servable` is the gate for models. It keeps a model from being published and stops no run.
"""
