"""Steps of a request: screening, triage, the answer, and the suspicion of a trap."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext_lazy as _

from veil.casework.hand import Changed, Hand
from veil.casework.network.roles import Kind
from veil.casework.requests import answers, fields, screening, taking
from veil.web.forms import form_of
from veil.web.pages.declared import page
from veil.web.pages.requests_shown import chosen, number, shown, standing

PARTS = {
    "screening": _("Screening"),
    "triage": _("Triage"),
    "referral": _("Referred"),
    "decline": _("Declined"),
    "trap": _("Suspected trap"),
}


@page("request.see", change="request.screen")
def screen(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Weigh warning signs and checks; the page counts nothing."""
    return _part(request, what, "screening", fields.SCREENING, screening.screen)


@page("request.see", change="request.screen")
def triage(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Say how soon it matters, and who looks a second time."""
    answer = _part(request, what, "triage", fields.TRIAGE, screening.triage)
    if answer.status_code == 302 and request.method == "POST" and request.POST.get("second"):
        taking.stand_in(request.hand, what, chosen(request, "second"))
    return answer


def _part(request: HttpRequest, what: uuid.UUID, part: str, asked: Any, do: Any) -> HttpResponse:
    hand: Hand = request.hand
    found = taking.asked(hand, what)
    words = screening.read_part(hand, what, part)
    told = standing(hand, found) | {
        "form": form_of(asked, request.POST if request.method == "POST" else None, words.said),
        "version": words.version,
        "title": PARTS[part],
        "chiefs": (chiefs := [one for one in taking.coordinators() if one.id != hand.id]),
        "second": _second(found.contact, [one.id for one in chiefs]),
    }
    template = f"requests/{part}.html"
    if request.method != "POST":
        return render(request, template, told)
    taking.mine(hand, what)
    if not told["form"].is_valid():
        return render(request, template, told | {"version": number(request), "wrong": told["form"].errors})
    try:
        do(hand, what, told["form"].cleaned_data, number(request))
    except Changed:
        return render(request, template, told | {"theirs": shown(f"request {part}", words.said)}, status=409)
    return redirect("request", what)


def _second(contact: uuid.UUID, chiefs: list[uuid.UUID]) -> uuid.UUID | None:
    """Return who is proposed to look a second time: whoever can call already, or one by chance, the same each time.

    Were it always the first of the list, one coordinator would know where every caller is.
    """
    told = set(taking.wraps(contact).values_list("holder_id", flat=True))
    return next((one for one in chiefs if one in told), chiefs[contact.int % len(chiefs)] if chiefs else None)


@page("request.see", change="request.answer")
def answer(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Refer or decline; or, for a coordinator, accept."""
    hand: Hand = request.hand
    found = taking.asked(hand, what)
    told = _answers(hand, found)
    if request.method != "POST":
        return render(request, "requests/answer.html", told)
    how = "decline" if request.POST.get("how") == "decline" else "refer"
    asked, do = (fields.DECLINE, answers.decline) if how == "decline" else (fields.REFERRAL, answers.refer)
    form = form_of(asked, request.POST)
    if not form.is_valid():
        return render(request, "requests/answer.html", told | {f"{how}_form": form, "open": how, "wrong": form.errors})
    do(hand, what, form.cleaned_data)
    return redirect("request", what)


def _answers(hand: Hand, found: Any) -> dict[str, Any]:
    words = hand.read(found.id, found.id, Kind.FILE).said
    return standing(hand, found) | {
        "refer_form": form_of(fields.REFERRAL),
        "decline_form": form_of(fields.DECLINE),
        "accepts": hand.may("request.accept"),
        "second": answers.needs_second(found, hand),
        "workers": answers.case_workers(),
        "carried": [one for one in shown("request", words) if one.name in fields.CARRIED],
    }


@page("request.accept")
def accept(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Open a case from a request."""
    if request.method != "POST":
        return redirect("request_answer", what)
    case = answers.accept(request.hand, what, chosen(request, "worker"), request.POST.getlist("carry"))
    try:
        return redirect(reverse("case", args=[case]))
    except NoReverseMatch:
        return redirect("requests")


@page("request.see", change="request.trap")
def trap(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Shut a request away as a suspected trap."""
    hand: Hand = request.hand
    found = taking.asked(hand, what)
    form = form_of(fields.TRAP, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        screening.suspect(hand, what, form.cleaned_data)
        return redirect("requests")
    told = standing(hand, found) | {"form": form, "wrong": form.errors, "chiefs": taking.coordinators()}
    return render(request, "requests/trap.html", told)


@page("request.take in hand")
def in_hand(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Take a danger in hand, as the coordinator behind whoever speaks with them."""
    if request.method == "POST":
        taking.take_in_hand(request.hand, what)
    return redirect("request", what)


@page("request.clear trap")
def clear(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Take a suspicion back."""
    if request.method == "POST":
        screening.clear(request.hand, what)
    return redirect("request", what)


@page("request.change")
def keep(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Start a request's clock anew."""
    if request.method == "POST":
        answers.keep(request.hand, what)
    return redirect("request", what)


@page("request.see", change="request.answer")
def purge(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Destroy an answered request before its clock does."""
    found = taking.mine(request.hand, what)
    if request.method == "POST":
        answers.purge_answered(request.hand, what)
        return redirect("requests")
    return render(request, "requests/purge.html", standing(request.hand, found))


urlpatterns: list[Any] = [
    path("<uuid:what>/screening", screen, name="request_screening"),
    path("<uuid:what>/triage", triage, name="request_triage"),
    path("<uuid:what>/answer", answer, name="request_answer"),
    path("<uuid:what>/accept", accept, name="request_accept"),
    path("<uuid:what>/in-hand", in_hand, name="request_in_hand"),
    path("<uuid:what>/trap", trap, name="request_trap"),
    path("<uuid:what>/clear", clear, name="request_clear"),
    path("<uuid:what>/keep", keep, name="request_keep"),
    path("<uuid:what>/purge", purge, name="request_purge"),
]
