"""The lock: in with a call sign and a passphrase, out with one key, and what was typed while it fell."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, path, resolve
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from veil.casework import world
from veil.casework.network import coercion, opening
from veil.errors import VeilError
from veil.vault.guesses import TooSoon
from veil.web import context, door, drafts, second_half
from veil.web.pages import founding
from veil.web.pages.declared import PUBLIC, page


@page(PUBLIC)
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the call sign and the passphrase."""
    if request.method != "POST":
        if not founding.is_founded():
            return redirect("found")
        return render(request, "veil/unlock.html", {"why": door.why(request), "key": second_half.offer(request)})
    try:
        extra = second_half.given(request)
        hand = opening.unlock(request.POST.get("call_sign", ""), request.POST.get("passphrase", ""), extra)
    except VeilError as error:
        return _not_in(request, error)
    with world.within(hand.store):
        coercion.keep_alive(hand)
        home = context.home(hand)
    return door.enter(request, redirect("kept" if drafts.of(hand) else home), hand)


@page(PUBLIC)
@csrf_exempt
def lock(request: HttpRequest) -> HttpResponse:
    """End the session and forget its keys."""
    request.leaving = "out"
    response = redirect("unlock")
    response.delete_cookie(door.COOKIE)
    return response


@page(PUBLIC)
@csrf_exempt
def out(request: HttpRequest) -> HttpResponse:
    """End the session, have the browser forget what it can, and show an empty page of notes."""
    request.leaving = "out"
    request.hand = None
    response = render(request, "lock/out.html")
    response.delete_cookie(door.COOKIE)
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@page("own.change")
def kept(request: HttpRequest) -> HttpResponse:
    """Offer what was typed when the lock fell; or throw it away."""
    if request.method == "POST":
        drafts.drop(request.hand)
        return redirect(context.home(request.hand))
    draft = drafts.of(request.hand)
    if draft is None:
        return redirect(context.home(request.hand))
    return render(request, "lock/kept.html", {"draft": draft})


@page("own.change")
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what stands unsent in a page that is about to be locked; asked for by the page's script."""
    try:
        resolve(request.POST.get("kept_path", ""))
    except Resolver404:
        return HttpResponse(status=400)
    session = door.session_of(request)
    if session is not None:
        whose = (request.hand.store, request.hand.id)
        drafts.keep(whose, session.public, request.POST["kept_path"], request.POST)
    request.leaving = "idle"
    return HttpResponse(status=204)


@page("own.change")
def here(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (that it was asked is all)
    """Take note that somebody still sits before the page and types."""
    return HttpResponse(status=204)


def _not_in(request: HttpRequest, error: VeilError) -> HttpResponse:
    told: dict[str, Any] = {
        "problem": _(str(error)),
        "hint": _(error.hint),
        "call_sign": request.POST.get("call_sign", "")[:40],
    }
    told["key"] = second_half.offer(request)
    if isinstance(error, TooSoon):
        told["seconds"] = error.seconds
        response = render(request, "veil/unlock.html", told, status=429)
        response["Retry-After"] = str(error.seconds)
        return response
    return render(request, "veil/unlock.html", told, status=403)


urlpatterns = [
    path("unlock", unlock, name="unlock"),
    path("lock", lock, name="lock"),
    path("out", out, name="exit"),
    path("again", kept, name="kept"),
    path("again/keep", keep, name="unsent"),
    path("again/here", here, name="here"),
]
