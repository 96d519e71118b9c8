"""Who may do what: denied unless a rule allows it. A rule stands in front of the keys, never instead of them."""

from django.utils.translation import gettext as _

from veil.casework.cases.rules import RULES as CASES
from veil.casework.custody.rules import RULES as CUSTODY
from veil.casework.houses.rules import RULES as HOUSES
from veil.casework.keeping.rules import RULES as KEEPING
from veil.casework.moves.rules import RULES as MOVES
from veil.casework.network.roles import Kind, Role
from veil.casework.network.rules import RULES as NETWORK
from veil.casework.requests.rules import RULES as REQUESTS
from veil.errors import VeilError

RULES: dict[str, frozenset[Role]] = {
    act: frozenset(roles)
    for part in (NETWORK, REQUESTS, CASES, MOVES, HOUSES, CUSTODY, KEEPING)
    for act, roles in part.items()
}

# Which compartments somebody of a role may ever be given a key to.
KINDS: dict[Role, frozenset[Kind]] = {
    Role.COORDINATOR: frozenset({Kind.FILE, Kind.MOVEMENT, Kind.HOUSE}),
    Role.OPERATOR: frozenset({Kind.FILE}),
    Role.CASE_WORKER: frozenset({Kind.FILE, Kind.MOVEMENT}),
    Role.HOST: frozenset({Kind.HOUSE}),
    Role.CLINICIAN: frozenset({Kind.HEALTH}),
    Role.LAWYER: frozenset({Kind.EVIDENCE, Kind.TESTIMONY}),
    Role.PRESS: frozenset({Kind.TESTIMONY}),
    Role.AUDITOR: frozenset(),
}


# Which keys are only ever lent, for hours, when custodians have agreed.
LENT: dict[Role, frozenset[Kind]] = {
    role: frozenset({Kind.IDENTITY}) for role in (Role.COORDINATOR, Role.CASE_WORKER, Role.CLINICIAN, Role.LAWYER)
}


class NotAllowed(VeilError):
    """The role does not include this, or the key is not held; which of the two is not said."""

    def __init__(self) -> None:
        super().__init__(
            _("this is not open to you"),
            _("it may be over by now, or in other hands; ask a coordinator, if the person you help needs it"),
        )


def may(role: str, act: str) -> bool:
    """Tell whether a role includes an act; an act that nobody wrote down is denied to all."""
    return role in RULES.get(act, frozenset())


def require(role: str, act: str) -> None:
    """Raise `NotAllowed` unless the role includes the act."""
    if not may(role, act):
        raise NotAllowed


def may_hold(role: str, kind: str) -> bool:
    """Tell whether somebody of this role may be given a key of this kind."""
    return kind in KINDS.get(Role(role), frozenset())


def may_borrow(role: str, kind: str) -> bool:
    """Tell whether somebody of this role may be lent a key of this kind for a time."""
    return kind in LENT.get(Role(role), frozenset())
