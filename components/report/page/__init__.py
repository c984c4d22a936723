"""The look of the report: its charts, and the page around them."""
