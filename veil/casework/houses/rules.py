"""What each role may do with houses."""

from veil.casework.network.roles import Role

RULES: dict[str, tuple[Role, ...]] = {
    "house.see": (Role.COORDINATOR, Role.CASE_WORKER, Role.HOST),  # and of these only houses whose key they hold
    "house.make": (Role.COORDINATOR,),
    "house.change": (Role.COORDINATOR,),
    "house.address": (Role.COORDINATOR, Role.HOST),
    "house.burn": (Role.COORDINATOR, Role.HOST),
    "stay.place": (Role.COORDINATOR,),
    "stay.end": (Role.COORDINATOR,),
    "stay.rules read": (Role.COORDINATOR, Role.CASE_WORKER),
}
