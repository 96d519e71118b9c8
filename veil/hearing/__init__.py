"""Hearing: who speaks when, and what is said."""
