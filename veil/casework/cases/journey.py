"""The journey of a case: which state may follow which, and by whose hand."""

from django.utils.translation import gettext_lazy as _

from veil.casework.states import Journey, NotNow

REQUESTED, SCREENING, VERIFICATION, ACCEPTED = "requested", "screening", "verification", "accepted"
PLANNED, IN_TRANSIT, SHELTERED = "extraction planned", "in transit", "sheltered"
PENDING, CLEARED, DEPARTED, ARRIVED = "pathway pending", "cleared", "departed", "arrived"
AFTERCARE, CLOSED = "aftercare", "closed"
ON_HOLD, LOST, MISSING, RETURNED = "on hold", "lost contact", "missing", "coerced return"
WITHDREW, DECLINED, DECEASED = "withdrew", "declined", "deceased"

BEFORE_ACCEPTED = (REQUESTED, SCREENING, VERIFICATION)
_ON_THE_WAY = (ACCEPTED, PLANNED, IN_TRANSIT, SHELTERED, PENDING, CLEARED, DEPARTED, ARRIVED, AFTERCARE)
SIDE = (ON_HOLD, LOST, MISSING, RETURNED)  # from these the journey goes on where it was left
ENDED = (WITHDREW, DECLINED, DECEASED)
OPEN = (*BEFORE_ACCEPTED, *_ON_THE_WAY, *SIDE)

_FORWARD: dict[str, tuple[str, ...]] = {
    REQUESTED: (SCREENING,),
    SCREENING: (VERIFICATION,),
    VERIFICATION: (ACCEPTED,),
    ACCEPTED: (PLANNED, SHELTERED, PENDING),  # some come to the door by themselves, some have a roof of their own
    PLANNED: (IN_TRANSIT, ACCEPTED),
    IN_TRANSIT: (SHELTERED, DEPARTED, PLANNED),
    SHELTERED: (PLANNED, IN_TRANSIT, PENDING, AFTERCARE),  # a burned house: in transit again, tonight
    PENDING: (CLEARED, PLANNED, IN_TRANSIT, SHELTERED),
    CLEARED: (DEPARTED, PENDING),
    DEPARTED: (ARRIVED,),
    ARRIVED: (AFTERCARE,),
    AFTERCARE: (CLOSED,),
}


def _steps() -> dict[str, frozenset[str]]:
    steps = {}
    for here in (*BEFORE_ACCEPTED, *_ON_THE_WAY):
        ends = (WITHDREW, DECEASED, *((DECLINED,) if here in BEFORE_ACCEPTED else ()))
        steps[here] = frozenset((*_FORWARD[here], *SIDE, *ends))
    for here in SIDE:
        others = tuple(side for side in SIDE if side != here)
        steps[here] = frozenset((*BEFORE_ACCEPTED, *_ON_THE_WAY, *others, WITHDREW, DECLINED, DECEASED, CLOSED))
    steps[WITHDREW] = frozenset(
        (*BEFORE_ACCEPTED, *_ON_THE_WAY, CLOSED)
    )  # who changes their mind in time is helped again
    steps[DECLINED] = frozenset((VERIFICATION, CLOSED))
    steps[DECEASED] = frozenset((CLOSED,))
    steps[CLOSED] = frozenset()
    return steps


JOURNEY = Journey(REQUESTED, _steps())

STATE_NAMES = {
    REQUESTED: _("requested"),
    SCREENING: _("screening"),
    VERIFICATION: _("verification"),
    ACCEPTED: _("accepted"),
    PLANNED: _("extraction planned"),
    IN_TRANSIT: _("in transit"),
    SHELTERED: _("sheltered"),
    PENDING: _("pathway pending"),
    CLEARED: _("cleared"),
    DEPARTED: _("departed"),
    ARRIVED: _("arrived"),
    AFTERCARE: _("aftercare"),
    CLOSED: _("closed"),
    ON_HOLD: _("on hold"),
    LOST: _("lost contact"),
    MISSING: _("missing"),
    RETURNED: _("coerced return"),
    WITHDREW: _("withdrew"),
    DECLINED: _("declined"),
    DECEASED: _("deceased"),
}
PRIORITY_NAMES = {"emergency": _("emergency"), "urgent": _("urgent"), "normal": _("normal")}

# Steps that not every case worker takes alone; every other step is "case.step".
_ACTS = {
    ACCEPTED: "case.accept",
    DECLINED: "case.accept",
    DECEASED: "case.close",
    CLOSED: "case.close",
}


def act_of(here: str, to: str) -> str:
    """Return the act that a step needs; going back to where the journey was left needs no more than leaving it did."""
    return "case.step" if here in SIDE and to == ACCEPTED else _ACTS.get(to, "case.step")


def steps_from(here: str, before: str) -> tuple[str, ...]:
    """Return the states that may follow, in the order of the journey; out of a side state, back to `before` only."""
    told = JOURNEY.steps[here]
    if here in SIDE or here == WITHDREW:
        told -= {state for state in (*BEFORE_ACCEPTED, *_ON_THE_WAY) if state != before}
        told -= {DECLINED} if before not in BEFORE_ACCEPTED else set()
    return tuple(state for state in STATE_NAMES if state in told)


def likely(here: str, ahead: tuple[str, ...]) -> str:
    """Return which of the states ahead most often comes next; nothing where none of them leads on."""
    usual = PENDING if here == SHELTERED else _FORWARD.get(here, ahead[:1] or ("",))[0]
    return usual if usual in ahead else ""


def check(here: str, before: str, to: str) -> None:
    """Raise `NotNow` unless `to` may follow."""
    JOURNEY.check(here, to)
    if to not in steps_from(here, before):
        raise NotNow
