"""The screen of a command: progress, tables, summaries, and sentences for errors."""
