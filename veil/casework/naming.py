"""Random codes: short, easy to say on a bad line, and made from nothing."""

import secrets

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are taken for each other: I and 1, O and 0


def code() -> str:
    """Return a code such as `K7Q-2MX` (30 bits)."""
    told = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{told[:3]}-{told[3:]}"
