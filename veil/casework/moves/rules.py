"""What each role may do with moves, check-ins and incidents."""

from veil.casework.network.roles import Role

_MOVERS = (Role.COORDINATOR, Role.CASE_WORKER)
_HELPERS = (*_MOVERS, Role.OPERATOR, Role.HOST, Role.CLINICIAN, Role.LAWYER)
RULES: dict[str, tuple[Role, ...]] = {
    "move.see": _MOVERS,
    "move.plan": _MOVERS,
    "move.go": _MOVERS,
    "check-in.see": (*_MOVERS, Role.HOST),  # a host sees and answers those of their house
    "check-in.set": _MOVERS,
    "check-in.answer": (*_MOVERS, Role.HOST),
    "ladder.set": _MOVERS,
    "incident.see": (*_HELPERS, Role.PRESS),
    "incident.raise": (*_HELPERS, Role.PRESS),
    "incident.close": (Role.COORDINATOR, Role.CASE_WORKER),
}
