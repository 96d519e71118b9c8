"""Voices: what a hidden person is heard with."""
