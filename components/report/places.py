"""Names of the files of a report."""

PAGE = "report.html"

RESULTS = "results.json"
"""The results of a run, which the node `Report` keeps for later questions."""
