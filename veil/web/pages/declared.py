"""Every page declares which act it needs; a page that declares nothing is not served."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]
PUBLIC = "public"  # before unlocking: the door itself, and the form for those who ask for help


def page(act: str, change: str | None = None) -> Callable[[View], View]:
    """Declare the act that reading a page needs, and the one that sending its form needs (the same, if not told)."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *told: Any, **named: Any) -> HttpResponse:
            if act != PUBLIC:
                request.hand.require(act if request.method in {"GET", "HEAD"} else change or act)
            return view(request, *told, **named)

        checked.act = act  # type: ignore[attr-defined]
        checked.change = change or act  # type: ignore[attr-defined]
        return checked

    return declare
