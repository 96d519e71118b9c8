"""What each role may do with cases."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {}
