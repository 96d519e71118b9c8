"""The journey of a request: from the first word to an answer, and then to nothing."""

from django.utils.translation import gettext_lazy as _

from veil.casework.states import Journey

_ASIDE = frozenset({"declined", "lost contact", "suspected trap"})
OPEN = ("new", "screened", "triaged")

JOURNEY = Journey(
    "new",
    {
        "new": _ASIDE | {"screened"},
        "screened": _ASIDE | {"triaged", "referred"},
        "triaged": _ASIDE | {"accepted", "referred"},
        "lost contact": frozenset({*OPEN, "suspected trap", "declined", "purged"}),
        "suspected trap": frozenset({"new", "declined", "purged"}),
        "referred": frozenset({"purged"}),
        "declined": frozenset({"purged"}),
        "accepted": frozenset({"purged"}),
        "purged": frozenset(),
    },
)
WAITING = (*OPEN, "lost contact")  # somebody still has to do something

NAMES = {
    "new": _("new"),
    "screened": _("screened"),
    "triaged": _("triaged"),
    "accepted": _("accepted"),
    "referred": _("referred"),
    "declined": _("declined"),
    "lost contact": _("contact lost"),
    "suspected trap": _("suspected trap"),
    "purged": _("purged"),
}
