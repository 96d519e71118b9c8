"""What the pages of requests have in common: words as they are shown, choices of people, small forms."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from veil.casework import policy
from veil.casework.fields import FIELDS, Field
from veil.casework.hand import Hand
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind, Role
from veil.casework.requests import taking
from veil.casework.requests.journey import JOURNEY
from veil.casework.requests.models import Request

TONES = {"new": "heed", "lost contact": "danger", "suspected trap": "danger", "referred": "ended", "declined": "ended"}
LATER = (
    ("", _("no call planned")),
    ("15", _("in 15 minutes")),
    ("60", _("in an hour")),
    ("180", _("in three hours")),
    ("720", _("in twelve hours")),
    ("1440", _("tomorrow at this time")),
    ("2880", _("in two days")),
    ("10080", _("in a week")),
)


class NextCall(forms.Form):
    """When to call again; in steps, so that nobody has to think of time zones."""

    next = forms.ChoiceField(label=_("Next call"), choices=LATER, required=False)


@dataclass(frozen=True)
class Shown:
    """One field with what was said in it, in words."""

    name: str
    label: str
    words: str


def shown(record: str, said: dict[str, Any]) -> list[Shown]:
    """Return the fields of a record that say something, as a person reads them."""
    return [
        Shown(field.name, field.label, words_of(field, said[field.name]))
        for field in FIELDS[record]
        if said.get(field.name)
    ]


def words_of(field: Field, value: Any) -> str:
    """Return what was said in one field in words; choices by their names."""
    if value is True:
        return str(_("yes"))
    names = {name: str(label) for name, label in field.choices}
    return ", ".join(names.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))


def others(hand: Hand) -> list[Worker]:
    """Return the rest of the hotline, by call sign."""
    return sorted((one for one in taking.hotline() if one.id != hand.id), key=lambda worker: worker.call_sign)


def chosen(request: HttpRequest, name: str = "to") -> uuid.UUID:
    """Return which worker was chosen; `NotAllowed` for anything else."""
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise policy.NotAllowed from error


def number(request: HttpRequest, name: str = "version") -> int:
    """Return a figure that a form carries along; 0 for anything else."""
    told = request.POST.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0


def standing(hand: Hand, request: Request) -> dict[str, Any]:
    """Return what this worker is to a request, for its pages."""
    chief = hand.role == Role.COORDINATOR
    mine = request.taken_by == hand.id
    calls = hand.holds(request.contact, Kind.FILE)
    gone = request.taken_by is not None and request.taken_by not in taking.working()
    signs = dict(
        Worker.objects.filter(id__in=(request.taken_by, request.in_hand_of), ended=None).values_list("id", "call_sign")
    )
    return {
        "request_": request,
        "tone": TONES.get(request.state, "good"),
        "taken_by": signs.get(request.taken_by),
        "in_hand_of": signs.get(request.in_hand_of),
        "stands_behind": request.in_hand_of == hand.id,
        "may_stand_behind": hand.may("request.take in hand") and not gone and request.taken_by is not None,
        "mine": mine,
        "free": request.taken_by is None or gone,
        "gives": request.taken_by is not None and (mine or chief),
        "calls": calls,
        "works": mine or chief or (calls and request.taken_by is not None),
        "steps": JOURNEY.steps.get(request.state, frozenset()),
    }
