"""Veil disguises people in danger in films, and proves that it did."""

__version__ = "0.4.0"
