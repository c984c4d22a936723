"""The simulated world: a seeded latent-factor model of listeners and podcasts that writes raw logs.

`simulation.config` holds what can be set, `simulation.simulate.simulate` writes the logs, `logs.pictures` draws
them; docs/world.md explains every equation.
"""
