"""Every page declares which act it needs; a page that declares nothing is not served."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from veil.casework import hand
from veil.casework.network import brakes

View = Callable[..., HttpResponse]
PUBLIC = "public"  # before unlocking: the door itself, and the form for those who ask for help
_READING = {"GET", "HEAD"}


def page(act: str, change: str | None = None, counted: bool = True) -> Callable[[View], View]:
    """Declare the act that reading a page needs, and the one that sending its form needs (the same, if not told).

    A page of one thing (it takes `what`) counts as one record opened, unless it is not about anybody (`counted`).
    """

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *told: Any, **named: Any) -> HttpResponse:
            if act == PUBLIC:
                return view(request, *told, **named)
            request.hand.require(act if request.method in _READING else change or act)
            hand.expire()
            what = named.get("what")
            if not (counted and isinstance(what, uuid.UUID) and request.method in _READING):
                return view(request, *told, **named)
            brakes.check(request.hand, what)
            response = view(request, *told, **named)
            if response.status_code == 200:
                brakes.note(request.hand, what)
            return response

        checked.act = act  # type: ignore[attr-defined]
        checked.change = change or act  # type: ignore[attr-defined]
        return checked

    return declare
