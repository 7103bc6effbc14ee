"""Homeward: the science of accounting for the missing. Values in, results out."""

__version__ = "0.1.0"
