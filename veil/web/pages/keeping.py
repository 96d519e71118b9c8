"""Pages of keeping: what will be destroyed and when, renewing it, destroying it now; and backups."""

import uuid
from functools import partial
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.keeping import backed_up, backups, due, purge
from veil.casework.keeping.models import Backup, Clock
from veil.casework.network import coercion
from veil.errors import VeilError
from veil.web.pages.declared import page

_SIZE = 25
_THINGS = {
    "request": gettext_lazy("request"),
    "case": gettext_lazy("case"),
    "move": gettext_lazy("move"),
    "house": gettext_lazy("house"),
}
_outcomes: dict[tuple[str, uuid.UUID], VeilError | None] = {}  # of the last backup that each asked for, by world


@page("clock.see")
def keeping(request: HttpRequest) -> HttpResponse:
    """Show what will be destroyed soon, the soonest first."""
    rows = due.announced(request.hand, clock.now())
    told = [{"what": row.what, "code": code, "thing": _THINGS.get(row.thing, ""), "due": row.due} for row, code in rows]
    shown = {"rows": told[:_SIZE], "more": len(told) > _SIZE, "backup_open": request.hand.may("vault.backup")}
    return render(request, "keeping/keeping.html", shown)


@page("clock.see", change="clock.renew")
def keep(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one clock, and renew it."""
    row = due.clock_of(request.hand, what)
    if request.method == "POST":
        due.renew(request.hand, what)
        return redirect("clock", what)
    told = {"row": row, "code": due.codes_of([row])[0], "thing": _THINGS.get(row.thing, "")}
    return render(request, "keeping/keep.html", told | {"renews": request.hand.may("clock.renew")})


@page("record.purge")
def purge_now(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say what would be gone for ever, and destroy it at the second click."""
    row = due.clock_of(request.hand, what)
    if request.method == "POST":
        if row.what == row.root:
            purge.purge(request.hand, row.root)
        else:
            purge.destroy(request.hand, [row.what])
        return redirect("keeping")
    told = {
        "title": _("Destroy %(code)s for ever?") % {"code": due.codes_of([row])[0]},
        "words": _words(row),
        "deed": _("Destroy for ever"),
        "back": reverse("clock", args=[what]),
        "danger": True,
    }
    return render(request, "veil/confirm.html", told)


@page("clock.set right")
def set_right(request: HttpRequest) -> HttpResponse:
    """Say what day it is by this computer, and go on from there at the second click."""
    if request.method == "POST":
        coercion.set_right(request.hand)
        return redirect("board")
    told = {
        "title": _("Is this the right time?"),
        "words": [
            _("By this computer it is %(now)s.") % {"now": date_format(localtime(clock.told()), "DATETIME_FORMAT")},
            _("Look at a telephone or a calendar. What has come to its end by then is destroyed a day later."),
        ],
        "deed": _("Yes, this is right"),
        "back": reverse("board"),
        "danger": True,
    }
    return render(request, "veil/confirm.html", told)


class BackupForm(forms.Form):
    """Where a backup is written to."""

    folder = forms.CharField(
        label=gettext_lazy("Folder for the backup"),
        help_text=gettext_lazy("On another disk, for example a stick that is not kept with this computer."),
        max_length=400,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    noise = forms.CharField(
        label=gettext_lazy("Folder for its key file"),
        help_text=gettext_lazy(
            "Best on a second stick that stays in reach: what you destroy later is then unreadable even in a backup "
            "that is far away. Empty: beside the backup."
        ),
        required=False,
        max_length=400,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


@page("vault.backup")
def backup(request: HttpRequest) -> HttpResponse:
    """Show the backups and what they still owe; make one while everybody goes on working."""
    form = BackupForm(request.POST or None, auto_id="f_%s")
    if request.method == "POST" and form.is_valid():
        noise = form.cleaned_data["noise"]
        # after this page's own turn at the store: it would hold everybody else up for as long as it takes
        request.after = partial(_make, request.hand, Path(form.cleaned_data["folder"]), Path(noise) if noise else None)
        return redirect("backup")
    told: dict[str, Any] = {"form": form, "rows": Backup.objects.order_by("-made")}
    here = (request.hand.store, request.hand.id)
    if here in _outcomes:
        error = _outcomes.pop(here)
        told |= {"done": error is None, "problem": error and _(str(error)), "hint": error and _(error.hint)}
    return render(request, "keeping/backup.html", told)


def _make(hand: Hand, folder: Path, noise: Path | None) -> None:
    try:
        backups.back_up(hand, folder, noise)
    except VeilError as error:
        _outcomes[hand.store, hand.id] = error
    else:
        _outcomes[hand.store, hand.id] = None


def _words(row: Clock) -> list[str]:
    away = backed_up.out_of_reach()
    told = [
        _("Nobody can bring it back: not you, not a coordinator.")
        if away
        else _("Nobody can bring it back: not you, not a coordinator, not from a backup.")
    ]
    if row.what == row.root:
        found = purge.goes_with(row.root)
        people, files = found.pop("Person", 0), found.pop("SealedFile", 0)
        others = sum(count for name, count in found.items() if name not in {"Compartment", "Clock"})
        if people:
            told.append(ngettext("%(n)s person goes with it.", "%(n)s people go with it.", people) % {"n": people})
        if files:
            told.append(ngettext("%(n)s file goes with it.", "%(n)s files go with it.", files) % {"n": files})
        told.append(ngettext("%(n)s record in all.", "%(n)s records in all.", people + others) % {"n": people + others})
    else:
        told.append(_("The case stays; this part of it goes, with everything written in it."))
    if away:
        told.append(_("A backup that is not in reach keeps it until that backup is seen again."))
    return told


urlpatterns = [
    path("", keeping, name="keeping"),
    path("backup", backup, name="backup"),
    path("time", set_right, name="set-right"),
    path("<uuid:what>", keep, name="clock"),
    path("<uuid:what>/destroy", purge_now, name="purge"),
]
