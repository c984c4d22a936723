"""Balances the tasks' losses against each other, one method a file; `config.py` lists them with their settings."""
