"""Pages for when something went wrong: what happened, and what to do next, in the reader's language."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from veil.casework.hand import Changed
from veil.casework.policy import NotAllowed
from veil.casework.troubles import said_of
from veil.errors import VeilError
from veil.web import drafts


def page(request: HttpRequest, error: VeilError, status: int | None = None) -> HttpResponse:
    """Say what went wrong; what the request wrote on the way is undone."""
    told = {"problem": _(str(error)), "hint": _(error.hint), "plain": True}
    response = render(request, "veil/sorry.html", told, status=status or status_of(error))
    response.undo = True
    return response


def nothing_here() -> VeilError:
    """Return what is said of an address that leads nowhere."""
    return VeilError(_("there is no such page"), _("go back to “Today”"))


def lost(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that an address leads nowhere."""
    return page(request, nothing_here(), 404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Say that what was sent cannot be read."""
    return page(request, VeilError(_("this cannot be read"), _("go back, and try it once more")), 400)


def broken(request: HttpRequest) -> HttpResponse:
    """Say what went wrong where nobody had foreseen it; nothing of it is written anywhere."""
    error = said_of(sys.exc_info()[1])
    return given_back(request, error, 503) or page(request, error, 503)


def given_back(request: HttpRequest, error: VeilError, status: int, *, plain: bool = True) -> HttpResponse | None:
    """Say what went wrong, with what the worker had typed, or return None where that is nothing.

    Nobody should have to write a long night's notes twice because of an error, or of a full disk.
    """
    typed = drafts.words_of(request.POST) if request.method == "POST" else []
    if not typed or getattr(request, "hand", None) is None:
        return None
    told = {"problem": _(str(error)), "hint": _(error.hint), "typed": typed, "plain": plain}
    response = render(request, "lock/typed.html", told, status=status)
    response.undo = True
    return response


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Say that a form was sent from elsewhere, or from before the lock."""
    return page(request, VeilError(_("this form is too old"), _("open the page again and send it once more")), 403)


def status_of(error: VeilError) -> int:
    if isinstance(error, NotAllowed):
        return 403
    return 409 if isinstance(error, Changed) else 400
