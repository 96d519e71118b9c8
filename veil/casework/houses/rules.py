"""What each role may do with houses."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {}
