"""What each role may do with requests."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {}
