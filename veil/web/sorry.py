"""Pages for when something went wrong: what happened, and what to do next, in the reader's language."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from veil.casework.hand import Changed
from veil.casework.policy import NotAllowed
from veil.errors import VeilError


def page(request: HttpRequest, error: VeilError, status: int | None = None) -> HttpResponse:
    """Say what went wrong; what the request wrote on the way is undone."""
    told = {"problem": _(str(error)), "hint": _(error.hint)}
    response = render(request, "veil/sorry.html", told, status=status or _status(error))
    response.undo = True
    return response


def nothing_here() -> VeilError:
    """Return what is said of an address that leads nowhere."""
    return VeilError(_("there is no such page"), _("go back to the board"))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Say that a form was sent from elsewhere, or from before the lock."""
    return page(request, VeilError(_("this form is too old"), _("open the page again and send it once more")), 403)


def _status(error: VeilError) -> int:
    if isinstance(error, NotAllowed):
        return 403
    return 409 if isinstance(error, Changed) else 400
