"""Pages of one's own way in: the passphrase, the second one for when somebody is forced; and the alarm about it."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from veil.casework import policy
from veil.casework.network import coercion, opening
from veil.casework.network.roles import ROLE_NAMES, Role
from veil.errors import VeilError
from veil.vault import phrases
from veil.web import second_half
from veil.web.pages.declared import page

_MOST, _LONGEST = 30, 400  # sentences of one's own, and characters in one


@page("own.change")
def own(request: HttpRequest) -> HttpResponse:
    """Change one's passphrase, or set a second one."""
    if request.method != "POST":
        return _own(request, {"done": _done(request.GET.get("done", ""))})
    try:
        if request.POST.get("what") == "key new":
            return _own(request, {"key_now": second_half.offer(request, second_half.registered(request))})
        _change(request)
    except VeilError as error:
        told = {"problem": _(str(error)), "hint": _(error.hint), "sentences": request.POST.get("sentences", "")}
        response = _own(request, told, status=400)
        response.undo = True
        return response
    return redirect(reverse("own") + "?done=1")


def _own(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    told = {
        "offered": phrases.offered(translation.get_language() or "en"),
        "roles": [(role.value, ROLE_NAMES[role]) for role in coercion.OTHER_ROLES],
        "key": second_half.offer(request),
        "key_new": second_half.offer(request, new=True),
    }
    return render(request, "lock/own.html", told | more, status=status)


@page("alarm.see")
def forced(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say what to do when a colleague is forced; or remember that it was done."""
    if request.method == "POST":
        coercion.answer(request.hand, what)
        return redirect("board")
    one = next((one for one in coercion.forced(request.hand) if one.worker == what), None)
    if one is None:
        raise policy.NotAllowed
    first, last = (f"{timezone.localtime(at):%Y-%m-%d %H:%M}" for at in (one.first, one.last))
    links = {"worker_page": _page_of("worker", what), "houses_page": _page_of("houses")}
    return render(request, "lock/forced.html", {"one": one, "first": first, "last": last} | links)


@page("worker.revoke", change="worker.add")
def means(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Hand a worker once more what they need to set a second passphrase."""
    if request.method == "POST":
        coercion.give_again(request.hand, what)
    return redirect("worker", what=what)


def _change(request: HttpRequest) -> None:
    sent = {name: request.POST.get(name, "") for name in ("what", "passphrase", "new_passphrase", "role")}
    now, new, extra = sent["passphrase"], sent["new_passphrase"], second_half.given(request)
    if sent["what"] == "key" and not extra:
        raise VeilError(_("the key did not answer"), _("begin again, and touch the key when the browser asks for it"))
    if sent["what"] == "key":
        opening.set_key(request.hand, now, b"", extra)
    elif sent["what"] == "key gone":
        opening.set_key(request.hand, now, extra, b"")
    elif new != request.POST.get("new_passphrase_again", ""):
        raise VeilError(_("the two new passphrases differ"), _("type it again, slowly, twice the same"))
    elif sent["what"] != "other":
        opening.change_passphrase(request.hand, now, new, extra)
    elif sent["role"] not in {role.value for role in coercion.OTHER_ROLES}:
        raise VeilError(_("this is no role"), _("choose one from the list"))
    else:
        told = request.POST.get("sentences", "").replace("\0", "").splitlines()
        sentences = tuple(one.strip()[:_LONGEST] for one in told if one.strip())[:_MOST]
        coercion.set_second(request.hand, now, coercion.Second(new, Role(sent["role"]), sentences), extra)


def _done(told: str) -> str:
    return _("It is set. From now on it opens what it should; try it once before you need it.") if told else ""


def _page_of(name: str, *told: object) -> str:
    try:
        return str(reverse(name, args=told))
    except NoReverseMatch:
        return ""


urlpatterns = [
    path("i", own, name="own"),
    path("f/<uuid:what>", forced, name="forced"),
    path("m/<uuid:what>", means, name="means"),
]
