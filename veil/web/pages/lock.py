"""The lock: in with a call sign and a passphrase, out with one key."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from veil.casework.network import opening
from veil.errors import VeilError
from veil.web import door
from veil.web.pages.declared import PUBLIC, page


@page(PUBLIC)
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the call sign and the passphrase."""
    if request.method != "POST":
        return render(request, "veil/unlock.html")
    try:
        hand = opening.unlock(request.POST.get("call_sign", ""), request.POST.get("passphrase", ""))
    except VeilError as error:
        return render(request, "veil/unlock.html", {"problem": error}, status=403)
    return door.enter(redirect("board"), hand)


@page(PUBLIC)
def lock(request: HttpRequest) -> HttpResponse:
    """End the session and forget its keys."""
    door.leave(request.COOKIES.get(door.COOKIE))
    response = redirect("unlock")
    response.delete_cookie(door.COOKIE)
    return response


urlpatterns = [path("unlock", unlock, name="unlock"), path("lock", lock, name="lock")]
