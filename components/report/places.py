"""Names of the files of a report."""

PAGE = "report.html"

RESULTS = "results.json"
"""What the node `Report` keeps for later questions."""
