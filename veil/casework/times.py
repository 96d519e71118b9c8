"""Times as they are sealed: as text."""

from datetime import datetime


def instant(text: str | None) -> datetime | None:
    """Return the time that a sealed record tells, or None where it tells none."""
    return datetime.fromisoformat(text) if text else None
