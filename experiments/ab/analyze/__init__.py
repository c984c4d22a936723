"""`coldcast ab analyze`: what changed between the arms of a test, and whether it can be trusted."""
