"""The programs that run in the environments of the other libraries.

Nothing here imports a package that only our own environment has. The modules import each other by relative names: there
the package is called `libraries`, since FuxiCTR's environment has another package `benchmarks`.
"""
