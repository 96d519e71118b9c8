"""Pages of the network: workers, what each account would yield, handing over, revoking, the audit."""

import uuid
from contextlib import suppress

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from veil.casework.network import audit, brakes, exposure, workers
from veil.casework.network.opening import NETWORK
from veil.casework.network.roles import KIND_NAMES, ROLE_NAMES, Kind, Role
from veil.errors import VeilError
from veil.vault import phrases
from veil.web.pages import network_handing, network_settings
from veil.web.pages.declared import page
from veil.web.pages.network_shared import counts_of, worker_of
from veil.web.panels import Panel, panel


class NewWorker(forms.Form):
    """Who is to join."""

    call_sign = forms.CharField(
        label=gettext_lazy("Call sign"),
        min_length=2,
        max_length=40,
        help_text=gettext_lazy("A word that says nothing about the person. Not a name, and no nickname of theirs."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[("", "—"), *ROLE_NAMES.items()])


@page("worker.list", change="worker.add")
def list_of_workers(request: HttpRequest) -> HttpResponse:
    """Show who works here and what each account would yield; let somebody in."""
    form = NewWorker(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            worker, first = workers.add(request.hand, form.cleaned_data["call_sign"], Role(form.cleaned_data["role"]))
        except VeilError as error:
            form.add_error("call_sign", f"{error}. {error.hint}")
        else:
            waits = worker in workers.proposed()
            return render(request, "network/added.html", {"worker": worker, "first": first, "waits": waits})
    here = Paginator(workers.active(), 25).get_page(request.GET.get("page"))
    yields, most = exposure.of_each([worker.id for worker in here]), exposure.most()
    told = [(worker, ROLE_NAMES[Role(worker.role)], counts_of(yields[worker.id], most)) for worker in here]
    status = 400 if form.errors else 200
    shown = {"form": form, "here": here, "workers": told, "offered": phrases.call_signs(get_language() or "en", 4)}
    return render(request, "network/workers.html", shown, status=status)


@page("worker.see own")
def own(request: HttpRequest) -> HttpResponse:
    """Lead to one's own page."""
    return redirect("worker", what=request.hand.id)


@page("worker.see own", counted=False)
def worker(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one worker, and what a forced login of theirs would yield: numbers only."""
    one = worker_of(request, what)
    told, most = exposure.of(what), exposure.most()
    coordinator = request.hand.may("worker.see")
    return render(
        request,
        "network/worker.html",
        {
            "worker": one,
            "role": ROLE_NAMES[Role(one.role)],
            "mine": what == request.hand.id,
            "yield": told,
            "counts": counts_of(told, most),
            "keys": [(KIND_NAMES[Kind(kind)], count) for kind, count in sorted(told.keys.items())],
            "too_much": bool(told.too_much(most)),
            "may_revoke": coordinator and one.ended is None and what != request.hand.id,
            "may_hand_over": request.hand.may("work.hand over") and told.total > 0,
            "may_hand_cases": told.things["cases"] > 0,
            "to_confirm": coordinator and one in workers.proposed() and what != request.hand.id,
            "callers": workers.only_they_can_call(what) if coordinator or what == request.hand.id else 0,
            "at_limit": coordinator and what in brakes.at_the_limit(),
            "columns": exposure.columns()["call signs"],
        },
    )


@page("worker.revoke", counted=False)
def revoke(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """End a worker's access at once; where words would be lost for ever, ask once more."""
    one = worker_of(request, what)
    if request.method != "POST":
        return redirect("worker", what=what)
    try:
        fallout = workers.revoke(request.hand, what, even_if_lost=request.POST.get("even_if_lost") == "yes")
    except workers.OnlyHolder as error:
        told = {"worker": one, "count": error.count, "callers": error.callers}
        return render(request, "network/last.html", told, status=409)
    codes = {"houses": _codes("House", fallout.houses), "moves": _codes("Move", fallout.moves)}
    return render(request, "network/revoked.html", {"worker": one, "fallout": fallout} | codes)


@page("worker.confirm", counted=False)
def confirm(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Agree to a new coordinator, as the second one."""
    if request.method == "POST":
        workers.confirm(request.hand, what)
    return redirect("worker", what=what)


@page("worker.limits", counted=False)
def lift(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Let a worker go on who opened very many records."""
    if request.method == "POST":
        brakes.lift(request.hand, worker_of(request, what).id)
    return redirect("worker", what=what)


@page("bait.set", counted=False)
def bait(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Mark a case of nobody as a bait, or take the mark away."""
    if request.method == "POST":
        brakes.set_bait(request.hand, what, on=request.POST.get("on") == "yes")
    return redirect("case", what=what)


@panel(90)
def bait_panel(request: HttpRequest, case: uuid.UUID) -> Panel | None:
    """Return the mark of a bait, for coordinators."""
    if not request.hand.may("bait.set") or not request.hand.holds(NETWORK, Kind.FILE):
        return None
    return Panel("network/bait.html", {"what": case, "is_bait": brakes.is_bait(request.hand, case)})


@page("audit.see")
def audit_page(request: HttpRequest) -> HttpResponse:
    """Show how often each kind of thing was done on each day, and that nothing was changed: no ids, no call signs."""
    if request.GET.get("form") == "csv":
        told = "".join(f"{day},{act},{count}\r\n" for day, acts in audit.days(most=None) for act, count in acts)
        answer = HttpResponse("day,act,count\r\n" + told, content_type="text/csv")
        answer["Content-Disposition"] = 'attachment; filename="counts.csv"'
        return answer
    checked, found = None, ""
    with suppress(audit.Broken):
        checked = audit.checked()
    if checked and (mark := request.GET.get("mark", "").strip()):
        found = "yes" if audit.has(mark) else "no"
    days = [(day, [(_(act), count) for act, count in acts]) for day, acts in audit.days(most=31)]
    return render(request, "network/audit.html", {"checked": checked, "found": found, "days": days})


def _codes(table: str, ids: tuple[uuid.UUID, ...]) -> list[str]:
    return [str(told) for told in exposure.codes(table, ids)]


urlpatterns = [
    path("", list_of_workers, name="workers"),
    path("me", own, name="me"),
    path("audit", audit_page, name="audit"),
    *network_settings.urlpatterns,
    path("<uuid:what>", worker, name="worker"),
    path("<uuid:what>/revoke", revoke, name="revoke"),
    path("<uuid:what>/confirm", confirm, name="confirm_worker"),
    path("<uuid:what>/lift", lift, name="lift"),
    *network_handing.urlpatterns,
    path("bait/<uuid:what>", bait, name="bait"),
]
