"""Adapters turn public logs into raw logs of this project. A new one is a module here (docs/data.md#public-logs).

An adapter writes by `logs.schema.TABLES` into `files.atomic.new_folder`, and raises `AdapterError` for files that it
cannot use. Its command is in `pipeline/command_line/logs.py`. `kuairand.py` is the one for KuaiRand-Pure.
"""
