"""Pages of risk and verification: the assessment that is renewed, the checks, the decision of two."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.cases import deciding, journey, risk
from veil.casework.cases.fields import CHECK, CREDIBILITY, LEVELS, RISK
from veil.casework.cases.models import Case, Check, Risk
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.errors import VeilError
from veil.web.forms import Edit, edit_record, shown
from veil.web.pages.cases_shared import address, case_of, head, require_open
from veil.web.pages.declared import page
from veil.web.panels import Panel, panel

_LEVELS = dict(LEVELS)


@panel(20)
def risk_panel(request: HttpRequest, case_id: uuid.UUID) -> Panel | None:
    """Show how great the risk is, and when it must be assessed anew."""
    if not request.hand.may("risk.assess"):
        return None
    case = Case.objects.get(id=case_id)
    last = Risk.objects.filter(id=risk.record_of(case_id)).first()
    said = request.hand.read(last.id, case_id, Kind.FILE).said if last else {}
    open_ = case.state in journey.OPEN
    told = {"case": case, "last": last, "overdue": open_ and case.risk_due <= clock.now(), "open_case": open_}
    told |= {"level": _LEVELS[risk.level_in(said)] if last else "", "level_code": risk.level_in(said) if last else ""}
    return Panel("cases/_risk.html", told)


@panel(30)
def checks_panel(request: HttpRequest, case_id: uuid.UUID) -> Panel | None:
    """Show what was checked, and whether two workers find the story credible."""
    if not request.hand.may("check.make"):
        return None
    case = Case.objects.get(id=case_id)
    told = {"case": case, "checks": _checks(request, case_id), "open_case": case.state in journey.OPEN}
    return Panel("cases/_checks.html", told | {"standing": deciding.standing(request.hand, case_id)})


def _checks(request: HttpRequest, case_id: uuid.UUID) -> list[dict[str, Any]]:
    signs = dict(Worker.objects.values_list("id", "call_sign"))
    return [
        {
            "check": one,
            "words": shown(CHECK, request.hand.read(one.id, case_id, Kind.FILE).said),
            "by": signs.get(one.by, ""),
        }
        for one in Check.objects.filter(case_id=case_id).order_by("-at")
    ]


@page("risk.assess")
def case_risk(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show the last assessment and those kept under a name; each opens in a form that renews it."""
    case = case_of(request, what)
    kept = []
    for one in Risk.objects.filter(case=case, kept=True).order_by("-at"):
        said = request.hand.read(one.id, what, Kind.FILE).said
        line = {"risk": one, "milestone": said.get("milestone", ""), "level": _LEVELS[risk.level_in(said)]}
        kept.append(line | {"words": shown(RISK, said)})
    last = Risk.objects.filter(id=risk.record_of(what)).first()
    said = request.hand.read(last.id, what, Kind.FILE).said if last else {}
    told = head(request, case) | {"last": last, "kept": kept, "words": shown(RISK, said)}
    told |= {"level": _LEVELS[risk.level_in(said)] if last else "", "level_code": risk.level_in(said) if last else ""}
    return render(request, "cases/risk.html", told)


@page("risk.assess")
def risk_assess(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Assess the risk anew: the new words take the old ones' place."""
    case = case_of(request, what)
    require_open(request, case)
    edit = Edit(
        title=_("Assess the risk"),
        lead=_("Threats × vulnerabilities ÷ capacities. What you write takes the place of the last assessment."),
        act="risk written",
        saved=lambda said: risk.assessed(request.hand, what, said),
    )
    return edit_record(request, risk.record_of(what), what, RISK, address("case", what) + "#next", edit)


@page("risk.assess")
def risk_keep(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Keep the present assessment as a named milestone."""
    case = case_of(request, what)
    if request.method == "POST":
        require_open(request, case)
        name = request.POST.get("milestone", "").replace("\0", "").strip()[:60]
        if not name or not Risk.objects.filter(id=risk.record_of(what)).exists():
            raise VeilError(_("there is nothing to keep yet"), _("assess the risk, and give the milestone a name"))
        risk.keep(request.hand, what, name)
    return redirect(address("case-risk", what))


@page("check.make")
def check_new(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Write down that something was checked, how, and with which outcome."""
    case = case_of(request, what)
    require_open(request, case)
    check = uuid.uuid4()

    def made(_said: dict[str, Any]) -> None:
        Check.objects.create(id=check, root=what, case=case, at=clock.now(), by=request.hand.id)

    edit = Edit(
        title=_("Write down a check"),
        lead=_("Only how it was checked and what came out. Papers are looked at and given back."),
        act="check made",
        check=_no_papers,
        saved=made,
    )
    return edit_record(request, check, what, CHECK, address("case", what) + "#checks", edit)


def _no_papers(form: forms.Form) -> None:
    if deciding.looks_copied(form.cleaned_data.get("note", "")):
        form.add_error("note", _("this looks like a number from a paper: leave it out, it could lead to the person"))


@page("credibility.decide")
def credibility(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Ask this worker for their own finding; the other's is shown when both have decided."""
    case = case_of(request, what)
    require_open(request, case)
    deciding.require_place(case)
    edit = Edit(
        title=_("Is this story credible?"),
        lead=_("Two workers decide, each for themselves. You see the other's finding when both have decided."),
        button=_("This is my finding"),
        act="credibility found",
        saved=lambda _said: deciding.found(request.hand, case),
    )
    mine = deciding.record_of(what, request.hand.id)
    return edit_record(request, mine, what, CREDIBILITY, address("case", what) + "#next", edit)


@page("credibility.decide")
def credibility_again(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Forget both findings and let two workers decide anew."""
    case = case_of(request, what)
    if request.method == "POST":
        require_open(request, case)
        deciding.again(request.hand, case)
    return redirect(address("case", what))


urlpatterns = [
    path("<uuid:what>/risk", case_risk, name="case-risk"),
    path("<uuid:what>/risk/assess", risk_assess, name="risk-assess"),
    path("<uuid:what>/risk/keep", risk_keep, name="risk-keep"),
    path("<uuid:what>/checks/new", check_new, name="check-new"),
    path("<uuid:what>/credibility", credibility, name="credibility"),
    path("<uuid:what>/credibility/again", credibility_again, name="credibility-again"),
]
