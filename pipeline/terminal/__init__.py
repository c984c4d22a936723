"""What a person sees while a command runs: the screen, tables, summaries, and sentences for errors."""
