"""The command line `coldcast`: one module for each group of commands, `main` puts them together."""
