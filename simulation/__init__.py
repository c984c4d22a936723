"""The simulated world: a seeded latent-factor model of listeners and podcasts that writes raw logs.

`simulation/config.py` holds the settings, `simulation/simulate.py` writes the logs, and `logs/pictures.py` draws them.
docs/world.md explains every equation.
"""
