"""Pages of requests: the queue, a call as it comes in, and what follows from it."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from veil.casework import clock
from veil.casework.hand import Changed, Hand
from veil.casework.keeping.models import Clock
from veil.casework.network.models import Worker
from veil.casework.network.roles import Kind
from veil.casework.requests import entry, fields, gate, inbox, intake, introductions, screening, taking
from veil.casework.requests.journey import OPEN, WAITING
from veil.casework.requests.models import Request
from veil.web.forms import form_of
from veil.web.pages import requests_steps
from veil.web.pages.declared import page
from veil.web.pages.requests_shown import TONES, NextCall, chosen, number, others, shown, standing

_A_PAGE = 25


@page("request.see")
def queue(request: HttpRequest) -> HttpResponse:
    """Show the requests whose keys this worker holds: danger first, then the oldest."""
    hand: Hand = request.hand
    intake.take_in(hand)
    answered = request.GET.get("show") == "answered"
    rows = taking.held(hand).order_by("-danger", "since", "id")
    waiting = (*WAITING, "suspected trap")  # these only coordinators hold
    rows = rows.exclude(state__in=waiting) if answered else rows.filter(state__in=waiting)
    leaf = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    signs = dict(
        Worker.objects.filter(id__in={row.taken_by for row in leaf}, ended=None).values_list("id", "call_sign")
    )
    now = clock.now()
    lines = [
        {
            "row": row,
            "tone": TONES.get(row.state, "good"),
            "by": signs.get(row.taken_by),
            "mine": row.taken_by == hand.id,
            "late": row.call_due is not None and row.call_due < now,
        }
        for row in leaf
    ]
    return render(
        request, "requests/queue.html", {"leaf": leaf, "lines": lines, "answered": answered} | _public_form(hand)
    )


def _public_form(hand: Hand) -> dict[str, Any]:
    is_open = inbox.is_open()
    return {"form_closed": hand.may("request.open form") and not is_open, "form_open": is_open}


@page("request.open form")
def public_form(request: HttpRequest) -> HttpResponse:
    """Open the public form."""
    if request.method == "POST" and not inbox.is_open():
        intake.open_form(request.hand)
    return redirect("requests")


@page("request.introduce")
def introduce(request: HttpRequest) -> HttpResponse:
    """Give words with which one person passes the line at the public form; they are shown once, and kept nowhere."""
    if not inbox.is_open():
        return redirect("requests")
    words = ""
    if request.method == "POST":
        words = introductions.words_of(gate.introduce(), request.POST.get("tongue", "")[:2])
        request.hand.note("introduction given")
    return render(request, "requests/introduce.html", {"words": words})


@page("request.answer")
def mail(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Lay an answer in the mailbox of whoever wrote through the public form."""
    found = taking.asked(request.hand, what)
    if request.method != "POST" or not found.box:
        return redirect("request", what)
    form = form_of(fields.ANSWER, request.POST)
    if not form.is_valid():
        return _one(request, found, mail_form=form, wrong=form.errors)
    intake.answer(request.hand, what, form.cleaned_data["text"])
    return redirect("request", what)


@page("request.enter")
def new(request: HttpRequest) -> HttpResponse:
    """Take down a call: everything may stay empty, and be said in any order."""
    form = form_of(fields.REQUEST, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect("request", entry.enter(request.hand, form.cleaned_data).id)
    return render(request, "requests/new.html", {"form": form, "first": fields.FIRST, "wrong": form.errors})


@page("request.see", change="request.change")
def one(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show one request, and save what is said on."""
    hand: Hand = request.hand
    found = taking.asked(hand, what)
    if request.method != "POST":
        if found.taken_by == hand.id:
            Request.objects.filter(id=what).update(unread=0)  # whoever calls has seen them now
        return _one(request, found)
    taking.mine(hand, what)
    form = form_of(fields.REQUEST, request.POST)
    if not form.is_valid():
        return _one(request, found, form=form, version=number(request), wrong=form.errors)
    try:
        entry.save(hand, found, form.cleaned_data, number(request))
    except Changed:
        theirs = hand.read(what, what, Kind.FILE)
        told = {"form": form, "version": theirs.version, "theirs": shown("request", theirs.said)}
        return _one(request, found, status=409, **told)
    return redirect("request", what)


def _one(request: HttpRequest, found: Request, status: int = 200, **instead: Any) -> HttpResponse:
    hand: Hand = request.hand
    words = hand.read(found.id, found.id, Kind.FILE)
    told = standing(hand, found) | {
        "said": shown("request", words.said),
        "role": words.said.get("role"),
        "form": form_of(fields.REQUEST, said=words.said),
        "version": words.version,
        "first": fields.FIRST,
        "notes": [(told, shown("request note", told.said)) for told in entry.notes(hand, found.id)],
        "note_form": form_of(fields.NOTE),
        "next_form": NextCall(),
        "letters": intake.letters_of(hand, found),
        "mail_form": form_of(fields.ANSWER),
        "parts": _parts(hand, found.id),
        "others": others(hand),
        "waiting": OPEN,
        "clock": Clock.objects.filter(what=found.id).first(),
        "now": clock.now(),
    }
    return render(request, "requests/one.html", told | instead, status=status)


def _parts(hand: Hand, what: uuid.UUID) -> list[tuple[str, list[Any]]]:
    told = [(part, screening.read_part(hand, what, part).said) for part in requests_steps.PARTS]
    return [(requests_steps.PARTS[part], shown(f"request {part}", said)) for part, said in told if said]


@page("request.see", change="request.change")
def contact(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Show where to call back, to who calls back and nobody else; each look is in the audit."""
    hand: Hand = request.hand
    found = taking.asked(hand, what)
    if request.method == "POST":
        taking.mine(hand, what)
        form = form_of(fields.CONTACT, request.POST)
        if form.is_valid():
            try:
                entry.save_contact(hand, found, form.cleaned_data, number(request))
            except Changed:
                words = entry.read_contact(hand, found)
                told = {"form": form, "version": words.version, "theirs": shown("request contact", words.said)}
                return render(request, "requests/contact.html", standing(hand, found) | told, status=409)
            return redirect("request", what)
        told = {"form": form, "version": number(request), "wrong": form.errors}
        return render(request, "requests/contact.html", standing(hand, found) | told)
    words = entry.read_contact(hand, found)
    told = {"form": form_of(fields.CONTACT, said=words.said), "version": words.version}
    return render(request, "requests/contact.html", standing(hand, found) | told)


@page("request.change")
def note(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Add a call or a remark."""
    found = taking.asked(request.hand, what)
    if request.method != "POST":
        return redirect("request", what)
    form, later = form_of(fields.NOTE, request.POST), NextCall(request.POST)
    if not (form.is_valid() and later.is_valid()):
        return _one(request, found, note_form=form, next_form=later, wrong=form.errors or later.errors)
    minutes = later.cleaned_data["next"]
    entry.add_note(request.hand, what, form.cleaned_data, int(minutes) if minutes else None)
    return redirect("request", what)


@page("request.take")
def take(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Make this worker the one who calls back."""
    if request.method == "POST":
        taking.take(request.hand, what)
    return redirect("request", what)


@page("request.take")
def give(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Give a request back to all, hand it over to one, or name a stand-in."""
    if request.method != "POST":
        return redirect("request", what)
    match request.POST.get("how"):
        case "over":
            taking.hand_over(request.hand, what, chosen(request))
        case "stand-in":
            taking.stand_in(request.hand, what, chosen(request))
        case _:
            taking.give_back(request.hand, what)
    return redirect("request", what) if request.hand.holds(what, Kind.FILE) else redirect("requests")


urlpatterns: list[Any] = [
    path("", queue, name="requests"),
    path("form", public_form, name="request_form"),
    path("words", introduce, name="request_introduce"),
    path("new", new, name="request_new"),
    path("<uuid:what>", one, name="request"),
    path("<uuid:what>/contact", contact, name="request_contact"),
    path("<uuid:what>/note", note, name="request_note"),
    path("<uuid:what>/mail", mail, name="request_mail"),
    path("<uuid:what>/take", take, name="request_take"),
    path("<uuid:what>/give", give, name="request_give"),
    *requests_steps.urlpatterns,
]
