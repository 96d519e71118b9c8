"""Measures what Veil does to films: recognition, expression, picture, coverage, speed. No part of the tests."""
