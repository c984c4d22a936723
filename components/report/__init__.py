"""The report of a run: one page that an analyst opens in a browser."""
