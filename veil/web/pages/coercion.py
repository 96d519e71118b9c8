"""Pages of one's own way in: the passphrase, the second one for when somebody is forced; and the alarm about it."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from veil.casework import policy
from veil.casework.network import coercion, opening
from veil.casework.network.roles import ROLE_NAMES, Role
from veil.errors import VeilError
from veil.vault import phrases
from veil.web.pages.declared import page


@page("own.change")
def own(request: HttpRequest) -> HttpResponse:
    """Change one's passphrase, or set a second one."""
    told = {
        "offered": phrases.offered(translation.get_language() or "en"),
        "roles": [(role.value, ROLE_NAMES[role]) for role in coercion.OTHER_ROLES],
    }
    if request.method != "POST":
        return render(request, "lock/own.html", told | {"done": _done(request.GET.get("done", ""))})
    try:
        _change(request)
    except VeilError as error:
        response = render(
            request, "lock/own.html", told | {"problem": _(str(error)), "hint": _(error.hint)}, status=400
        )
        response.undo = True
        return response
    return redirect(reverse("own") + "?done=1")


@page("alarm.see")
def forced(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say what to do when a colleague is forced; or remember that it was done."""
    if request.method == "POST":
        coercion.answer(request.hand, what)
        return redirect("board")
    one = next((one for one in coercion.forced(request.hand) if one.worker == what), None)
    if one is None:
        raise policy.NotAllowed
    first, last = (f"{at:%Y-%m-%d %H:%M}" for at in (one.first, one.last))
    links = {"worker_page": _page_of("worker", what), "houses_page": _page_of("houses")}
    return render(request, "lock/forced.html", {"one": one, "first": first, "last": last} | links)


def _change(request: HttpRequest) -> None:
    sent = {name: request.POST.get(name, "") for name in ("what", "passphrase", "new_passphrase", "role")}
    if sent["new_passphrase"] != request.POST.get("new_passphrase_again", ""):
        raise VeilError(_("the two new passphrases differ"), _("type it again, slowly, twice the same"))
    if sent["what"] == "other":
        if sent["role"] not in {role.value for role in coercion.OTHER_ROLES}:
            raise VeilError(_("this is no role"), _("choose one from the list"))
        coercion.set_decoy(request.hand, sent["passphrase"], sent["new_passphrase"], Role(sent["role"]))
    else:
        opening.change_passphrase(request.hand, sent["passphrase"], sent["new_passphrase"])


def _done(told: str) -> str:
    return _("It is set. From now on it opens what it should; try it once before you need it.") if told else ""


def _page_of(name: str, *told: object) -> str:
    try:
        return str(reverse(name, args=told))
    except NoReverseMatch:
        return ""


urlpatterns = [path("i", own, name="own"), path("f/<uuid:what>", forced, name="forced")]
