"""Small words that templates may use."""
