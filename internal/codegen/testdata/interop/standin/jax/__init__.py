"""Stands in for JAX where that cannot be installed: what generated code uses of it, by NumPy and SciPy."""
from . import nn, numpy, scipy  # noqa: F401
