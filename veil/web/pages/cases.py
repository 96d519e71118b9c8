"""Pages of cases: the list of one's own, the case, its words, its steps, who holds it, its end."""

import uuid
from contextlib import suppress
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case as When_
from django.db.models import IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import clock
from veil.casework.cases import consents, following, journey, risk, stepping
from veil.casework.cases.fields import CASE
from veil.casework.cases.models import Case, Person, Risk
from veil.casework.cases.opening import open_case
from veil.casework.hand import Changed
from veil.casework.keeping.models import Clock
from veil.casework.moves.models import Leg
from veil.casework.network import chiefs
from veil.casework.network.last_key import LastKey
from veil.casework.network.models import Worker, Wrap
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.errors import VeilError
from veil.web.forms import Edit, edit_record, shown
from veil.web.pages import cases_consents, cases_entrusted, cases_people, cases_risk
from veil.web.pages.cases_shared import address, case_of, head, holders_of, require_open
from veil.web.pages.declared import page
from veil.web.panels import panels_of

_A_PAGE = 25
_WORDS = tuple(field for field in CASE if field.name != "alias")  # an alias is chosen on its own page
_HAPPENED = {
    journey.IN_TRANSIT: gettext_lazy("The move is under way."),
    journey.SHELTERED: gettext_lazy("They have arrived."),
}
_URGENT_FIRST = When_(
    *(When(priority=told, then=Value(place)) for place, told in enumerate(journey.PRIORITY_NAMES)),
    output_field=IntegerField(),
)


@page("case.see")
def cases(request: HttpRequest) -> HttpResponse:
    """Show the cases that this worker holds, most urgent first; the ended ones last."""
    mine = Case.objects.filter(id__in=request.hand.held(Kind.FILE))
    ended = When_(When(state__in=journey.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    told = Paginator(mine.order_by(ended, _URGENT_FIRST, "risk_due", "id"), _A_PAGE).get_page(request.GET.get("page"))
    words = request.hand.read_all([case.id for case in told], Kind.FILE)
    now = clock.now()
    lines = [
        {
            "case": case,
            "alias": words[case.id].said.get("alias", ""),
            "state": journey.STATE_NAMES[case.state],
            "priority": journey.PRIORITY_NAMES[case.priority],
            "open": case.state in journey.OPEN,
            "overdue": case.risk_due <= now and case.state in journey.OPEN,
        }
        for case in told
    ]
    return render(request, "cases/list.html", {"lines": lines, "page": told})


class _New(forms.Form):
    """Who takes a new case, and how urgent it is."""

    def __init__(self, hand: Any, data: Any = None) -> None:
        super().__init__(data, auto_id="f_%s")
        workers = chiefs.may_take_cases()
        self.fields["priority"] = forms.ChoiceField(
            choices=tuple(journey.PRIORITY_NAMES.items()), label=_("Priority"), initial="normal"
        )
        self.fields["holders"] = forms.MultipleChoiceField(
            choices=[(str(worker.id), worker.call_sign) for worker in workers],
            label=_("Who takes this case"),
            help_text=_("each of them can open it, and be made to; two are enough"),
            widget=forms.CheckboxSelectMultiple,
            initial=[str(hand.id)],
        )


@page("case.open")
def case_new(request: HttpRequest) -> HttpResponse:
    """Open a case that did not come as a request."""
    form = _New(request.hand, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        holders = sorted(
            Worker.objects.filter(id__in=form.cleaned_data["holders"]),
            key=lambda worker: worker.id != request.hand.id,
        )
        case = open_case(request.hand, None, holders, priority=form.cleaned_data["priority"])
        if request.hand.id not in {worker.id for worker in holders}:
            return redirect("cases")
        person = Person.objects.get(case=case)
        return redirect(address("person-alias", person.id) + "?back=case")
    told = {"form": form, "title": _("New case"), "button": _("Open the case"), "back": "/cases/"}
    lead = _("It gets a random code. No name is asked for, here or later.")
    return render(request, "cases/form.html", told | {"lead": lead})


@page("case.see")
def case(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one case: where it stands, what is due, and what every part of the work says about it."""
    found = case_of(request, what)
    words = request.hand.read(what, what, Kind.FILE)
    owner = Worker.objects.filter(id=found.owner).first()
    parts = [render_to_string(one.template, one.told, request) for one in panels_of(request, what)]
    ahead = stepping.ahead(request.hand, found)
    person = Person.objects.filter(case=found, role="principal").first()
    owed = _owed(found, person, words.said)
    brought = following.told_by_work(request.hand, found)
    forward = [to for to in ahead if to not in (*journey.SIDE, *journey.ENDED, journey.CLOSED)]
    forward += [brought] if brought and brought not in forward and forward else []
    waits = owed and found.state in journey.BEFORE_ACCEPTED  # then what is still to do comes first
    likely = brought or ("" if waits else journey.likely(found.state, tuple(forward)))
    told = head(request, found) | {
        "words": shown(_WORDS, words.said),
        "owner": owner.call_sign if owner else "",
        "holders": holders_of(what),
        "parts": parts,
        "forward": _named(forward),
        "likely": likely,
        "happened": _HAPPENED.get(likely, "") if likely == brought else "",
        "aside": _named(to for to in ahead if to in (*journey.SIDE, *journey.ENDED)),
        "may_close": journey.CLOSED in ahead,
        "owed": owed,
        "priorities": journey.PRIORITY_NAMES.items(),
        "clock": Clock.objects.filter(what=what).first(),
        "person": person,
    }
    return render(request, "cases/case.html", told)


@page("case.see", change="case.change")
def case_words(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Change what the working file of a case says."""
    found = case_of(request, what)
    require_open(request, found)

    def two_at_most(form: forms.Form) -> None:
        if len(form.cleaned_data.get("needs", ())) > 2:
            form.add_error("needs", _("choose the two that decide"))

    edit = Edit(title=_("Working file"), check=two_at_most, act="case words changed")
    return edit_record(request, what, what, _WORDS, address("case", what), edit)


@page("case.see", change="case.step")
def case_step(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Move a case to the state that was chosen on its page."""
    found = case_of(request, what)
    if request.method == "POST":
        if request.POST.get("here") != found.state:
            raise Changed
        to = request.POST.get("to", "")
        if to == journey.CLOSED and request.POST.get("sure") != "yes":
            return redirect(address("case-close", what))
        if to and to == following.told_by_work(request.hand, found):
            following.go(request.hand, found, to)
        else:
            stepping.step(request.hand, what, to)
    return redirect(address("case", what))


@page("case.see", change="case.change")
def case_priority(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Set how urgent a case is."""
    found = case_of(request, what)
    if request.method == "POST":
        require_open(request, found)
        told = request.POST.get("priority", "")
        if told not in journey.PRIORITY_NAMES:
            raise VeilError(_("there is no such priority"), _("choose one of the three"))
        Case.objects.filter(id=what).update(priority=told)
        request.hand.note("case priority set", what)
    return redirect(address("case", what))


@page("case.see", change="case.share")
def case_holders(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show who can open a case, let one more in, take a key back, say who answers for it."""
    found = case_of(request, what)
    holders = holders_of(what)
    held = {worker.id for worker in holders}
    others = chiefs.may_take_cases().exclude(id__in=held)
    if request.method == "POST":
        _change_holders(request, found, holders)
        return redirect(address("case-holders", what))
    told = head(request, found) | {
        "holders": holders,
        "others": others,
        "people": cases_people.lines(request, found),
        "may_hand_over": request.hand.may("worker.revoke"),
    }
    return render(request, "cases/holders.html", told)


def _change_holders(request: HttpRequest, found: Case, holders: list[Worker]) -> None:
    hand = request.hand
    worker = Worker.objects.filter(id=_uuid(request.POST.get("worker")), ended=None).first()
    if worker is None:
        raise VeilError(_("there is no such worker"), _("choose one from the list"))
    known = worker.id in {holder.id for holder in holders}
    match request.POST.get("do"):
        case "share" if not known:
            require_open(request, found)
            hand.share(found.id, Kind.FILE, worker)
            if hand.holds(found.id, Kind.MOVEMENT):
                hand.share(found.id, Kind.MOVEMENT, worker)
            for line in cases_people.lines(request, found):
                if str(line["person"].id) in request.POST.getlist("people"):
                    hand.share(line["person"].id, Kind.FILE, worker)
        case "withdraw" if known and len(holders) > 1:
            _take_back(hand, found, worker)
        case "owner" if known:
            Case.objects.filter(id=found.id).update(owner=worker.id)
            hand.note("case owner set", found.id)
        case _:
            raise VeilError(_("this cannot be done"), _("somebody must hold the case: let another in first"))


def _take_back(hand: Any, found: Case, worker: Worker) -> None:
    """Take every key in a case from a worker: its people's, plans', check-ins' and stays'; in a leg's team they stay.

    What this hand cannot open, or nobody else could, is left to them.
    """
    theirs = Wrap.objects.filter(holder=worker, compartment__root=found.id)
    theirs = theirs.exclude(compartment__owner__in=Leg.objects.filter(root=found.id).values("id"))
    for owner, kind in list(theirs.values_list("compartment__owner", "compartment__kind")):
        if hand.holds(owner, Kind(kind)):
            with suppress(LastKey):
                hand.withdraw(owner, Kind(kind), worker.id)


@page("case.close")
def case_close(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say what is destroyed and what is kept when a case is closed, and ask once more."""
    found = case_of(request, what)
    if journey.CLOSED not in stepping.ahead(request.hand, found):
        raise NotAllowed
    return render(request, "cases/close.html", head(request, found))


def _owed(found: Case, person: Person | None, said: dict[str, Any]) -> list[dict[str, str]]:
    """Return what is still to do, each with the page on which it is done; from there it comes back to the case."""
    told = []
    if person and found.state in journey.OPEN and not said.get("alias"):
        told.append({"words": _("Choose an alias"), "page": address("person-alias", person.id) + "?back=case"})
    if person and found.state in journey.OPEN and consents.state_of(person.id, consents.CASEWORK) != consents.GIVEN:
        words = _("Before it is accepted: ask for consent to casework")
        told.append({"words": words, "page": address("consent-ask", person.id, purpose="casework") + "?back=case"})
    if found.state in journey.OPEN and not Risk.objects.filter(id=risk.record_of(found.id)).exists():
        told.append({"words": _("Assess the risk"), "page": address("risk-assess", found.id)})
    if found.state in journey.OPEN and not stepping.is_credible(found):
        if found.priority == "emergency":
            words = _("Owed, even in an emergency: two workers decide whether the story is credible")
            told.append({"words": words, "page": address("credibility", found.id)})
        elif found.state in journey.BEFORE_ACCEPTED:
            words = _("Before it is accepted: two workers find the story credible")
            told.append({"words": words, "page": address("credibility", found.id)})
    return told


def _named(states: Any) -> list[tuple[str, Any]]:
    return [(state, journey.STATE_NAMES[state]) for state in states]


def _uuid(told: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(told or "")
    except ValueError:
        return None


urlpatterns: list[Any] = [
    path("", cases, name="cases"),
    path("new", case_new, name="case-new"),
    path("<uuid:what>", case, name="case"),
    path("<uuid:what>/words", case_words, name="case-words"),
    path("<uuid:what>/step", case_step, name="case-step"),
    path("<uuid:what>/priority", case_priority, name="case-priority"),
    path("<uuid:what>/holders", case_holders, name="case-holders"),
    path("<uuid:what>/close", case_close, name="case-close"),
    *cases_people.urlpatterns,
    *cases_consents.urlpatterns,
    *cases_risk.urlpatterns,
    *cases_entrusted.urlpatterns,
]
