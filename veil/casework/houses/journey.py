"""The states of houses and stays, in the field's words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from veil.casework.states import Journey

OPEN, FULL, RESTING, BURNED = "open", "full", "resting", "burned"
STAYING, MUST_MOVE, ENDED = "staying", "must move", "ended"

HOUSE = Journey(
    OPEN,
    {
        OPEN: frozenset({FULL, RESTING, BURNED}),
        FULL: frozenset({OPEN, RESTING, BURNED}),
        RESTING: frozenset({OPEN, FULL, RESTING, BURNED}),
        BURNED: frozenset(),  # for ever
    },
)
STAY = Journey(
    STAYING,
    {
        STAYING: frozenset({STAYING, MUST_MOVE, ENDED}),
        MUST_MOVE: frozenset({STAYING, ENDED}),
        ENDED: frozenset(),
    },
)
NAMES = {
    OPEN: pgettext_lazy("house", "open"),
    FULL: pgettext_lazy("house", "full"),
    RESTING: pgettext_lazy("house", "resting"),
    BURNED: pgettext_lazy("house", "burned"),
    STAYING: pgettext_lazy("stay", "staying"),
    MUST_MOVE: _("must move tonight"),
    ENDED: pgettext_lazy("stay", "ended"),
}
TONES = {
    OPEN: "good",
    FULL: "heed",
    RESTING: "",
    BURNED: "danger",
    STAYING: "good",
    MUST_MOVE: "danger",
    ENDED: "ended",
}
