"""Every page declares which act it needs; a page that declares nothing is not served."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from veil.casework import hand
from veil.casework.network import brakes
from veil.casework.policy import NotAllowed

View = Callable[..., HttpResponse]
PUBLIC = "public"  # before unlocking: the door itself, and the form for those who ask for help
_READING = {"GET", "HEAD"}
_SENDING = "POST"


def page(act: str, change: str | None = None, counted: bool = True) -> Callable[[View], View]:
    """Declare the act that reading a page needs, and the one that sending its form needs (the same, if not told).

    A page of one thing (it takes `what`) counts as one record opened, unless it is not about anybody (`counted`); so
    does what comes back when its form was refused. Pages are read or sent, and asked for in no other way.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *told: Any, **named: Any) -> HttpResponse:
            if act == PUBLIC:
                return view(request, *told, **named)
            if request.method not in {*_READING, _SENDING}:  # else it would show the page and count nothing
                raise NotAllowed
            request.hand.require(act if request.method in _READING else change or act)
            hand.expire()
            what: Any = named.get("what")
            count = counted and isinstance(what, uuid.UUID)
            if count and request.method in _READING:
                brakes.check(request.hand, what)
            try:
                response = view(request, *told, **named)
            except ObjectDoesNotExist as error:
                raise NotAllowed from error  # an id of something else, or of nothing: no page tells the two apart
            if count and not isinstance(response, HttpResponseRedirect):
                if request.method == _SENDING:  # what was done is done; only showing it is held back
                    brakes.check(request.hand, what)
                brakes.note(request.hand, what)
            return response

        checked.act = act  # type: ignore[attr-defined]
        checked.change = change or act  # type: ignore[attr-defined]
        return checked

    return declare
