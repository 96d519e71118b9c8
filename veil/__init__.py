"""Veil disguises people in danger in films, and proves that it did; and keeps their cases sealed."""

__version__ = "0.5.0"
