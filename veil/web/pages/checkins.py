"""Check-ins: what is due, one tap to answer, the ladder when nobody answers."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import chosen, clock
from veil.casework.cases import consents
from veil.casework.cases.models import Case
from veil.casework.due import Weight
from veil.casework.hand import Hand
from veil.casework.moves import checkins, keys, ladder
from veil.casework.moves.due import calmer, says
from veil.casework.moves.fields import CHECK_IN, HOUSE_CHECK_IN
from veil.casework.moves.models import CheckIn, Ladder, Leg, Move
from veil.casework.moves.places import plain
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.web.forms import Moment, form_of
from veil.web.pages.declared import page

_PAGE = 25
_SOON = timedelta(minutes=30)  # from then on the answers are a tap away
_EVERY = (
    ("", gettext_lazy("once")),
    ("1440", gettext_lazy("every day at this hour")),
    ("720", gettext_lazy("every twelve hours")),
    ("360", gettext_lazy("every six hours")),
    ("60", gettext_lazy("every hour")),
    ("10080", gettext_lazy("every week")),
)
_GRACE = (0, 5, 10, 15, 30, 60, 120)
_TONES = {Weight.ALARM: "danger", Weight.URGENT: "heed"}


@dataclass(frozen=True)
class Line:
    """One check-in as a page shows it."""

    one: CheckIn
    code: str
    words: str
    tone: str
    phrases: list[tuple[str, str]]
    alias: str = ""  # for those who hold the case's file: at night two codes look alike, two people do not
    case: uuid.UUID | None = None


class When(forms.Form):
    """When a sign of life is expected; numbers only."""

    due = Moment(
        label=gettext_lazy("Expected at"),
        widget=forms.DateTimeInput({"type": "datetime-local", "autocomplete": "off"}, format="%Y-%m-%dT%H:%M"),
    )
    grace = forms.ChoiceField(label=gettext_lazy("Minutes to wait before it counts as missed"))
    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=_EVERY, required=False)

    def __init__(self, data: Any = None) -> None:
        usual = chosen.grace_minutes()
        begins = {"due": clock.now() + timedelta(hours=1), "grace": str(usual)}
        super().__init__(data, auto_id="f_%s", initial=begins)
        self.fields["grace"].choices = [(str(told), str(told)) for told in sorted({*_GRACE, usual})]


class Steps(forms.Form):
    """After how many minutes each step of the ladder comes; an empty one is left out."""

    def __init__(self, *told: Any, steps: ladder.Steps = ladder.USUAL, **named: Any) -> None:
        super().__init__(*told, auto_id="f_%s", **named)
        kept = {step: minutes for minutes, step in steps}
        for step, words in ladder.STEPS.items():
            self.fields[step] = forms.IntegerField(
                label=words, min_value=0, max_value=1440, required=False, initial=kept.get(step)
            )


@page("check-in.see")
def checkins_list(request: HttpRequest) -> HttpResponse:
    """Show the check-ins that this worker waits for, the most pressing first."""
    hand, now = request.hand, clock.now()
    alarms = [alarm for alarm in checkins.alarms(hand) if alarm.taken_by is None]
    code = checkins.codes(hand, [alarm.check_in for alarm in alarms])
    part = Paginator([*checkins.raised(hand, now), *checkins.mine(hand)], _PAGE).get_page(request.GET.get("page"))
    codes, aliases = checkins.codes(hand, part), _aliases(hand, part)
    told = {
        "duress": [(alarm, code[alarm.check_in.id]) for alarm in alarms],
        "lines": [line_of(hand, one, codes[one.id], aliases) for one in part],
        "part": part,
        "now": now,
    }
    return render(request, "checkins/list.html", told)


def line_of(hand: Hand, one: CheckIn, code: str, aliases: Mapping[uuid.UUID, str] = MappingProxyType({})) -> Line:
    """Return a check-in in words, with the code it goes under; its sentences only when they may be needed."""
    now, doubt = clock.now(), clock.in_doubt()
    watch = checkins.watch(one)
    weight = ladder.weight(watch, now, doubt)
    near = weight is not None and (now >= one.due - _SOON or weight == Weight.ALARM)
    told = checkins.phrases(hand, one) if near and keys.held(hand, one.id) else []
    return Line(
        one,
        code,
        says(watch, now, doubt, hand),
        _TONES.get(calmer(hand, weight), "") if weight is not None else "",
        told,
        aliases.get(one.root, ""),
        one.root if one.root in aliases else None,
    )


def _aliases(hand: Hand, rows: Iterable[CheckIn]) -> dict[uuid.UUID, str]:
    """Return the aliases of the cases that these are about, of those whose file this worker holds."""
    cases = Case.objects.filter(id__in={one.root for one in rows}).values_list("id", flat=True)
    return {id_: str(words.said.get("alias", "")) for id_, words in hand.read_all(list(cases), Kind.FILE).items()}


@page("check-in.see", change="check-in.answer")
def checkin(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one check-in with its ladder, and take an answer or a step of the ladder in hand."""
    hand = request.hand
    if request.method == "POST":
        _act(hand, what, request.POST)
        return redirect("checkin", what)
    one = checkins.visible(hand, what)
    held = keys.held(hand, what)
    watch, now = checkins.watch(one), clock.now()
    sets = hand.may("check-in.set")  # a host answers for the house; what comes if they do not is not on their screen
    seen = {row.rung: row for row in one.seen.all() if row.turn == one.turn}
    alarms = [alarm for alarm in checkins.alarms(hand) if alarm.check_in == one]
    named = _names(
        [one.by, *(row.by for row in seen.values()), *(who for a in alarms for who in (a.taken_by, a.entered_by))]
    )
    told = {
        "line": line_of(hand, one, checkins.codes(hand, [one])[one.id], _aliases(hand, [one])),
        "held": held,
        "sets": sets,
        "said": hand.read(what, what, keys.key(hand, what)).said if held and sets else {},
        "phrases": checkins.phrases(hand, one) if held and one.state == "waiting" else [],
        "missed": ladder.missed(watch, now),
        "rungs": [
            (rung, ladder.STEPS[rung.step], seen.get(rung.place), named.get(_by(seen.get(rung.place))))
            for rung in (ladder.rungs(watch, now) if sets else ())
        ],
        "by": named.get(one.by),
        "duress": [(alarm, named.get(alarm.taken_by), named.get(alarm.entered_by)) for alarm in alarms],
        "incident_page": reverse("incident-new", args=[what]),
        "who": checkins.call_signs(one, {hand.id, *(alarm.entered_by for alarm in alarms)}) if alarms else [],
    }
    return render(request, "checkins/one.html", told)


def _act(hand: Hand, what: uuid.UUID, sent: Any) -> None:
    if "take" in sent:
        checkins.visible(hand, what)
        checkins.take(hand, what)
    elif "rung" in sent:
        hand.require("check-in.set")
        checkins.see(hand, what, _number(sent["rung"]))
    elif "stop" in sent:
        checkins.stop(hand, what)
    elif sent.get("heard"):
        checkins.answer(hand, what, _number(sent.get("turn", "")), sent["heard"])
    elif "unheard" in sent:
        checkins.unheard(hand, what, _number(sent.get("turn", "")))
    else:
        raise VeilError(_("nothing was chosen"), _("choose the sentence that you heard"))


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise VeilError(_("this form is too old"), _("open the page again and send it once more"))
    return int(text)


def _by(row: Any) -> uuid.UUID | None:
    return row.by if row else None


def _names(ids: list[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
    return dict(Worker.objects.filter(id__in=[one for one in ids if one]).values_list("id", "call_sign"))


@page("check-in.set")
def new(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Agree on a check-in of a case, a move, a leg or a house."""
    hand = request.hand
    root = root_of(what)
    kind = keys.kind_of(root)
    if not hand.holds(what, kind) and not hand.holds(root, kind):
        raise NotAllowed
    data = request.POST if request.method == "POST" else None
    if data is not None and what == root and Case.objects.filter(id=what).exists():
        consents.require(what, consents.CASEWORK)  # those of a move do not ask: out of danger comes first
    when = When(data)
    words = form_of(HOUSE_CHECK_IN if kind == Kind.HOUSE else CHECK_IN, data)
    if data is not None and when.is_valid() and plain(words):
        told = when.cleaned_data
        agreed = checkins.Agreed(words.cleaned_data, int(told["every"]) if told["every"] else None)
        if not words.cleaned_data["calm"] and not words.cleaned_data["duress"]:
            agreed = checkins.renewed(hand, root, agreed)
        try:
            made = checkins.set_check_in(hand, what, root, told["due"], timedelta(minutes=int(told["grace"])), agreed)
        except VeilError as error:
            words.add_error("duress", f"{error}: {error.hint}")
        else:
            return redirect("checkin", made.id)
    told = {"when": when, "words": words, "house": kind == Kind.HOUSE, "what": what}
    return render(request, "checkins/new.html", told, status=200 if data is None else 400)


@page("ladder.set")
def steps(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change the ladder of one case, or of one house."""
    hand = request.hand
    if not hand.holds(what, keys.kind_of(what)):
        raise NotAllowed
    own = Ladder.objects.filter(root=what).values_list("steps", flat=True).first()
    form = Steps(
        request.POST if request.method == "POST" else None,
        steps=tuple((minutes, step) for minutes, step in own or ladder.USUAL),
    )
    if request.method == "POST" and form.is_valid():
        chosen = tuple((minutes, step) for step, minutes in form.cleaned_data.items() if minutes is not None)
        try:
            checkins.set_ladder(hand, what, chosen)
        except VeilError as error:
            form.add_error(None, f"{error}: {error.hint}")
        else:
            return redirect("checkins")
    return render(request, "checkins/steps.html", {"form": form}, status=400 if form.errors else 200)


def root_of(what: uuid.UUID) -> uuid.UUID:
    """Return the case of a move or of a leg; any other id is its own."""
    for kind in (Move, Leg):
        root: uuid.UUID | None = kind.objects.filter(id=what).values_list("root", flat=True).first()
        if root is not None:
            return root
    return what


urlpatterns = [
    path("checkins", checkins_list, name="checkins"),
    path("checkins/<uuid:what>", checkin, name="checkin"),
    path("checkins/of/<uuid:what>", new, name="checkin-new"),
    path("checkins/ladder/<uuid:what>", steps, name="ladder"),
]
