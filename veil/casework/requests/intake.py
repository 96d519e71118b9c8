"""Taking in: whoever of the hotline unlocks next turns letters of the public form into requests."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from veil.casework import clock, naming
from veil.casework.hand import Changed, Hand, Words
from veil.casework.keeping import clocks
from veil.casework.network.roles import Kind
from veil.casework.requests import inbox, taking
from veil.casework.requests.entry import heard
from veil.casework.requests.fields import FORM_FIELDS
from veil.casework.requests.inbox import Letter
from veil.casework.requests.models import Letter as Row
from veil.casework.requests.models import Request
from veil.casework.requests.screening import part_of
from veil.vault import seal

DESK = uuid.UUID(int=21)  # whose compartment holds the secret half, for the hotline
_A_MINUTE_S = 60.0
_looked: dict[tuple[str, str], float] = {}
_RENEWED_DAYS = 3  # not at each unlocking: then a look before and one after would tell which world was opened


def open_form(hand: Hand, *, publish: bool = True) -> bytes:
    """Open the public form, and return its public half; a decoy world has one of its own and does not publish it."""
    hand.require("request.open form")
    secret = seal.new_secret()
    if not hand.holds(DESK, Kind.FILE):
        hand.make(DESK, DESK, Kind.FILE, taking.hotline())
    since = clock.now().date().isoformat()
    hand.write(DESK, DESK, Kind.FILE, {"secret": secret.hex(), "before": "", "since": since})
    inbox.make()
    if publish:
        inbox.publish(seal.public_of(secret))
    hand.note("public form opened", DESK)
    return seal.public_of(secret)


def take_in(hand: Hand) -> int:
    """Turn the letters that this world's key opens into requests, and return how many; they leave the inbox after."""
    if not hand.may("request.see"):
        return 0
    taking.welcome(hand)
    if not inbox.is_open() or not hand.holds(DESK, Kind.FILE):
        return 0
    _welcome_to_the_desk(hand)
    inbox.letters().forget_before(inbox.today() - timedelta(days=inbox.KEPT_DAYS))
    words = hand.read(DESK, DESK, Kind.FILE)
    desk = words.said
    secrets = [bytes.fromhex(desk[name]) for name in ("secret", "before") if desk.get(name)]
    told = inbox.opened(secrets)
    for _place, letter in told:
        _file(hand, letter)
    places = [place for place, _letter in told]
    if places:
        transaction.on_commit(lambda: inbox.letters().clear(places), using=hand.store)
    _renew(hand, words)
    return len(told)


def look(hand: Hand) -> None:
    """Take in, at most once a minute in each world: for pages that are opened all the time."""
    here = (str(inbox.folder()), hand.store)
    if time.monotonic() - _looked.get(here, -_A_MINUTE_S) >= _A_MINUTE_S:
        _looked[here] = time.monotonic()
        take_in(hand)


def _file(hand: Hand, letter: Letter) -> None:
    known = Request.objects.select_for_update().filter(box=letter.mailbox).first() if letter.again else None
    if Row.objects.filter(id=uuid.UUID(letter.id)).exists() or Request.objects.filter(id=uuid.UUID(letter.id)).exists():
        return  # taken in already: the machine stopped before the place was cleared
    if known is None:
        _begin(hand, letter)
        return
    text = str(letter.words.get("happened", "")).encode()
    Row.objects.create(
        id=uuid.UUID(letter.id),
        root=known.id,
        day=letter.day,
        body=seal.wrapped(seal.padded(text), bytes(known.letters_public)),
    )
    known.unread += 1
    known.danger = known.danger or bool(letter.words.get("danger"))
    heard(known)
    known.save()
    hand.note("letter taken in", known.id)


def _begin(hand: Hand, letter: Letter) -> None:
    made = uuid.UUID(letter.id)
    said: dict[str, Any] = {name: letter.words.get(name) for name in FORM_FIELDS if letter.words.get(name)}
    if letter.language == "ru":
        said["language"] = "ru"
    day = datetime.fromisoformat(letter.day).replace(tzinfo=UTC)
    reply = seal.new_secret()
    request = Request.objects.create(
        id=made,
        root=made,
        code=naming.code(),
        danger=bool(said.get("danger")),
        since=min(day, clock.now()),
        box=letter.mailbox,
        letters_public=seal.public_of(reply),
    )
    people = taking.hotline()
    hand.make(made, made, Kind.FILE, people, said)
    hand.make(made, request.contact, Kind.FILE, people, {"where": letter.words.get("where", "")})
    hand.write(part_of(made, "mailbox"), made, Kind.FILE, {"public": letter.public, "letters": reply.hex()})
    clocks.start(made, made, "request")
    hand.note("request taken in", made)


def letters_of(hand: Hand, request: Request) -> list[tuple[Any, str]]:
    """Return what the sender added later, newest first: the day and the words."""
    if not request.box:
        return []
    secret = bytes.fromhex(hand.read(part_of(request.id, "mailbox"), request.id, Kind.FILE).said["letters"])
    rows = Row.objects.filter(root=request.id).order_by("-day", "id")
    return [(row.day, seal.unpadded(seal.unwrapped(bytes(row.body), secret)).decode()) for row in rows]


def answer(hand: Hand, what: uuid.UUID, text: str) -> None:
    """Lay an answer in the sender's mailbox; it waits there, sealed, until they read it."""
    hand.require("request.answer")
    request = taking.mine(hand, what)
    public = hand.read(part_of(what, "mailbox"), what, Kind.FILE).said["public"]
    inbox.answer(bytes.fromhex(public), text)
    Request.objects.filter(id=request.id).update(unread=0)
    hand.note("mailbox answered", what)


def _welcome_to_the_desk(hand: Hand) -> None:
    have = set(taking.wraps(DESK).values_list("holder_id", flat=True))
    for worker in taking.hotline():
        if worker.id not in have:
            hand.share(DESK, Kind.FILE, worker)


def _renew(hand: Hand, words: Words) -> None:
    """Go on with a new key now and then: whoever forces a passphrase later does not open an earlier copy's letters."""
    today, desk = clock.now().date(), words.said
    if (today - datetime.fromisoformat(desk["since"]).date()) < timedelta(days=_RENEWED_DAYS):
        return
    fresh = seal.new_secret()
    public = inbox.published()
    if desk["before"] and public == seal.public_of(bytes.fromhex(desk["before"])):  # the machine stopped in between
        inbox.publish(seal.public_of(bytes.fromhex(desk["secret"])))
    elif public == seal.public_of(bytes.fromhex(desk["secret"])):
        renewed = {"secret": fresh.hex(), "before": desk["secret"], "since": today.isoformat()}
        try:
            hand.write(DESK, DESK, Kind.FILE, renewed, words.version)
        except Changed:  # another of us renews it at this moment
            return
        transaction.on_commit(lambda: inbox.publish(seal.public_of(fresh)), using=hand.store)
