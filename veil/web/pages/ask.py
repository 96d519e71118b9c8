"""The public form: no login, no cookie, no script needed; what is written is sealed before it touches the disk."""

import unicodedata
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from veil.casework.fields import Field, Form
from veil.casework.network.roles import Kind
from veil.casework.requests import fields, gate, inbox, receipts
from veil.casework.requests.gate import Ticket
from veil.casework.requests.places import Full
from veil.errors import VeilError
from veil.web.forms import form_of
from veil.web.pages.declared import PUBLIC, View, page

_FILE = Kind.FILE
ASKED = (
    Field("danger", _("I am in danger now, or the person I write about is"), _FILE, Form.TICK),
    Field("happened", _("What do you want to tell us?"), _FILE, Form.TEXT, required=True, most=2500),
    Field("role", _("Who are you?"), _FILE, Form.CHOICE, fields.ROLES),
    Field("needs", _("What is needed first?"), _FILE, Form.CHOICES, fields.NEEDS),
    Field("threat", _("Who threatens?"), _FILE, Form.CHOICE, fields.THREATS),
    Field(
        "where",
        _("Another way to reach you, if it is safe"),
        _FILE,
        hint=_("You can leave this empty: an answer also waits here, for your receipt."),
    ),
    Field("safe", _("When is it safe?"), _FILE),
    Field(
        "theirs",
        _("A sentence by which we know that it is you"),
        _FILE,
        hint=_("Something harmless. If you are forced to write, leave it out."),
    ),
)
ADDED = (
    Field("danger", _("I am in danger now, or the person I write about is"), _FILE, Form.TICK),
    Field("happened", _("What do you want to add?"), _FILE, Form.TEXT, required=True, most=2500),
)
RECEIPT = (Field("receipt", _("The words of your receipt"), _FILE, Form.TEXT, required=True, most=400),)


def _open_to_all(view: Callable[..., HttpResponse]) -> View:
    """Serve a view to anybody, in the language that the address or the form names; nothing needs a cookie."""

    @wraps(view)
    def served(request: HttpRequest, **named: str) -> HttpResponse:
        told = request.POST.get("lang") or request.GET.get("lang") or translation.get_language_from_request(request)
        language = "ru" if told == "ru" else "en"
        with translation.override(language):
            if not inbox.is_open():
                return render(request, "ask/closed.html", {"lang": language}, status=404)
            return view(request, language, **named)

    made: View = csrf_exempt(page(PUBLIC)(served))
    return made


@_open_to_all
def ask(request: HttpRequest, language: str) -> HttpResponse:
    """Say what happens with the words, and give the form; or, in a flood, a ticket to wait with."""
    return _form_or_wait(request, language, gate.ticket())


@_open_to_all
def wait(request: HttpRequest, language: str, ticket: str) -> HttpResponse:
    """Keep a ticket's place in line; when its turn has come, give the form."""
    one = gate.read(ticket)
    if one is None:
        return redirect(f"/ask/?lang={language}")
    work, said = request.POST.get("work", ""), request.POST.get("said", "")
    if (work and one.works(work)) or (said and gate.known(said)):
        return _form(request, language, one, form_of(ASKED), work=work, said=said)
    return _form_or_wait(request, language, one, said=said)


def _form_or_wait(request: HttpRequest, language: str, one: Ticket, said: str = "") -> HttpResponse:
    waits = gate.wait_s(one)
    if not waits:
        return _form(request, language, one, form_of(ASKED))
    told = _told(language, one) | {"minutes": -(-waits // 60), "every": gate.CALLS_EVERY_S, "unknown": bool(said)}
    told["asks"] = bool(said) or request.GET.get("asks") == "yes"  # a page on which somebody types is not renewed
    return render(request, "ask/wait.html", told)


@_open_to_all
def done(request: HttpRequest, language: str) -> HttpResponse:
    """Take what was written, and give the receipt; whatever goes wrong, the words come back in the form."""
    if request.method != "POST":
        return redirect(f"/ask/?lang={language}")
    return _take(request, language, ASKED, _form)


@_open_to_all
def add(request: HttpRequest, language: str) -> HttpResponse:
    """Take what somebody adds to what they wrote before."""
    if request.method != "POST":
        return redirect(f"/ask/again?lang={language}")
    return _take(request, language, ADDED, _box)


@_open_to_all
def again(request: HttpRequest, language: str) -> HttpResponse:
    """Show the answers that wait for a receipt; one that nobody has is answered alike, and takes as long."""
    form = form_of(RECEIPT, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "ask/again.html", {"lang": language, "form": form})
    seed = receipts.seed_of(form.cleaned_data["receipt"])
    return _box(request, language, gate.ticket(), form_of(ADDED), seed=seed)


@_open_to_all
def destroy(request: HttpRequest, language: str) -> HttpResponse:
    """Destroy the answers that wait for a receipt."""
    seed = request.POST.get("seed", "")
    if request.method != "POST" or not receipts.is_seed(seed):
        return redirect(f"/ask/again?lang={language}")
    inbox.destroy_answers(receipts.mailbox_of(seed))
    return _box(request, language, gate.ticket(), form_of(ADDED), seed=seed, destroyed=True)


def _take(request: HttpRequest, language: str, asked: tuple[Field, ...], back: Callable[..., HttpResponse]) -> Any:
    form = form_of(asked, request.POST)
    one, work = gate.read(request.POST.get("ticket", "")), request.POST.get("work", "")
    seed = request.POST.get("seed", "")
    seed = seed if receipts.is_seed(seed) else receipts.new_seed()
    again = asked is ADDED
    if one is None:
        return back(request, language, gate.ticket(), form, seed=seed, late=True)
    said = request.POST.get("said", "")[:400]
    if not form.is_valid():
        return back(request, language, one, form, seed=seed, work=work, said=said)
    word = gate.ask(one, work, said)
    if word.used:
        return _sent(request, language, seed, already=True, again=again)
    if word.wait_s:
        return back(request, language, one, form, seed=seed, work=work, said=said, waits_s=word.wait_s)
    try:
        with gate.admit(one, word) as first:
            if first:
                inbox.leave(
                    _letter(one, seed, form.cleaned_data, language, again=again), gate.PART.get(word.lane, word.lane)
                )
    except (VeilError, OSError) as error:  # what ails our disk is nobody's business outside
        problem = error if isinstance(error, VeilError) else Full()
        return back(request, language, one, form, seed=seed, work=work, said=said, problem=problem)
    return _sent(request, language, seed, already=not first, again=again)


def _letter(one: Ticket, seed: str, said: dict[str, Any], language: str, *, again: bool) -> inbox.Letter:
    mailbox = receipts.mailbox_of(seed)
    # from the ticket: what is laid in twice, because the machine stopped in between, is taken in once
    id_ = blake2b(one.id.encode(), digest_size=16, person=b"veil letter").hexdigest()
    words = {name: _seen(value) if isinstance(value, str) else value for name, value in said.items() if value}
    return inbox.Letter(words, mailbox.name, mailbox.public.hex(), again, language, id=id_)


def _seen(text: str) -> str:
    """Return a text without signs that nobody sees: they turn the order of words round, or mark a copy."""
    return "".join(
        sign for sign in text if sign in "\n\t\u200c\u200d" or unicodedata.category(sign) not in {"Cc", "Cf"}
    )


def _form(request: HttpRequest, language: str, one: Ticket, form: Any, **more: Any) -> HttpResponse:
    return render(request, "ask/form.html", _told(language, one, more) | {"form": form}, status=_status(form, more))


def _box(request: HttpRequest, language: str, one: Ticket, form: Any, **more: Any) -> HttpResponse:
    told = _told(language, one, more) | {"form": form}
    told["answers"] = inbox.answers_to(receipts.mailbox_of(told["seed"]))
    return render(request, "ask/box.html", told, status=_status(form, more))


def _told(language: str, one: Ticket, more: dict[str, Any] | None = None) -> dict[str, Any]:
    more = more or {}
    waits = int(more.get("waits_s", 0))
    return {
        "lang": language,
        "ticket": one,
        "signed": one.signed(),
        "pieces": gate.PIECES,
        "seed": receipts.new_seed(),
        "seconds": waits if waits < 60 else 0,
        "minutes": -(-waits // 60),
        "line_hours": gate.HOLDS_S // 3600,
        **more,
    }


def _status(form: Any, more: dict[str, Any]) -> int:
    if more.get("waits_s") or more.get("problem"):
        return 503
    return 400 if more.get("late") or form.errors else 200


def _sent(request: HttpRequest, language: str, seed: str, *, already: bool, again: bool) -> HttpResponse:
    words = receipts.words_of(seed, language)
    return render(
        request, "ask/sent.html", {"lang": language, "words": words, "already": already, "again": again, "days": 30}
    )


urlpatterns = [
    path("", ask, name="ask"),
    path("sent", done, name="ask_done"),
    path("wait/<str:ticket>", wait, name="ask_wait"),
    path("again", again, name="ask_again"),
    path("add", add, name="ask_add"),
    path("destroy", destroy, name="ask_destroy"),
]
