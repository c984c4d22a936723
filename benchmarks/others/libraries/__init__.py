"""What runs in the environments of the other libraries.

Nothing here imports what only our own environment has, and its own modules are imported relative to each other: the
package is `libraries` there, since FuxiCTR's environment has another package `benchmarks`.
"""
