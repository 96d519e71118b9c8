"""What each role may do with moves."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {}
