"""Days and times in this language."""
