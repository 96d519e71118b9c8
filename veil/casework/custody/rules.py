"""What each role may do with custody."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {}
