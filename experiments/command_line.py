"""The command line `coldcast` with the commands of experiments, which `pipeline` does not know."""

from experiments import experiment_commands
from experiments.ab import command_line as ab
from pipeline.command_line.main import app, main

experiment_commands.register(app)
ab.register(app)

__all__ = ["app", "main"]

if __name__ == "__main__":
    main()
