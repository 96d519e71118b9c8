"""`veil words`: what names somebody in what is said, and what becomes of it."""
