"""The inbox of the public form: words are sealed as they arrive, also while nobody has unlocked the vault.

In the vault's folder `inbox/`: `key` (the public half that letters are sealed to), `letters` (from outside) and
`answers` (to mailboxes), both of a fixed size and filled with noise where nothing lies. The secret half is in a
compartment of the hotline's. Letters of the other world, if there are any, look like these and open only there.
"""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import clock
from veil.casework.requests.places import Places
from veil.casework.requests.receipts import Mailbox
from veil.errors import VeilError
from veil.vault import seal, stores
from veil.whole import write_whole

LETTER_BYTES = 16 * 1024
ANSWER_BYTES = 8 * 1024
KEPT_DAYS = 30
LETTERS_OF = 384  # a third for those who wait, for those whose machine works, for those whom one of us knows
ANSWERS_OF = 512
PARTS = 3


class Closed(VeilError):
    """The network has not opened its public form."""

    def __init__(self) -> None:
        super().__init__(_("this form is not open"), _("use another way to reach us"))


@dataclass(frozen=True)
class Letter:
    """What came through the public form: only the day of it is kept, and nothing of the browser."""

    words: dict[str, Any]
    mailbox: str
    public: str  # what answers are sealed to, in hexadecimal
    again: bool = False  # it adds to an earlier letter of the same mailbox
    language: str = "en"
    day: str = field(default_factory=lambda: today().isoformat())
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def today() -> date:
    """Return the day; the hour is not kept."""
    return clock.today()


def folder() -> Path:
    """Return where the inbox lies."""
    return stores.folder() / "inbox"


def letters() -> Places:
    """Return the places of what comes in."""
    return Places(folder() / "letters", LETTERS_OF, LETTER_BYTES, parts=PARTS)


def answers() -> Places:
    """Return the places of what goes out."""
    return Places(folder() / "answers", ANSWERS_OF, ANSWER_BYTES)


def is_open() -> bool:
    """Tell whether the public form has been opened in this vault."""
    return (folder() / "key").exists()


def make() -> None:
    """Make the folder and its places, unless they are there."""
    folder().mkdir(mode=0o700, exist_ok=True)
    letters().make()
    answers().make()


def copy_empty(target: Path) -> None:
    """Lay an inbox into a backup: its key and gate, and places in which nothing lies.

    A letter that lay there would open from the backup for ever after it was purged here; what has come is taken in
    before. Answers are as safe only with their readers: they are written again.
    """
    target.mkdir(mode=0o700, exist_ok=True)
    Places(target / "letters", LETTERS_OF, LETTER_BYTES, parts=PARTS).make()
    Places(target / "answers", ANSWERS_OF, ANSWER_BYTES).make()
    for name in ("key", "gate"):
        if (folder() / name).is_file():
            write_whole(target / name, (folder() / name).read_bytes())


def bring_back(source: Path, target: Path) -> None:
    """Put a backup's inbox in place. The key goes with the store: letters to a later one would open nowhere."""
    target.mkdir(mode=0o700, exist_ok=True)
    for name in ("letters", "answers", "gate"):
        if not (target / name).is_file() and (source / name).is_file():
            write_whole(target / name, (source / name).read_bytes())
    if (source / "key").is_file():
        write_whole(target / "key", (source / "key").read_bytes())
    else:
        (target / "key").unlink(missing_ok=True)  # the form was not open on that day


def publish(public: bytes) -> None:
    """Open the form, or go on with another key: from now on letters are sealed to this public half."""
    make()
    write_whole(folder() / "key", public)


def published() -> bytes:
    """Return the public half that letters are sealed to; raise `Closed`."""
    try:
        return (folder() / "key").read_bytes()
    except FileNotFoundError as error:
        raise Closed from error


def leave(letter: Letter, part: int = 0, public: bytes | None = None) -> None:
    """Seal a letter and lay it in the inbox; when this returns it is on the disk. Raise `Full` or `Closed`."""
    plain = json.dumps(asdict(letter), ensure_ascii=False).encode()
    letters().put(_sealed(plain, public or published(), LETTER_BYTES), date.fromisoformat(letter.day), part)


def opened(secrets: list[bytes]) -> list[tuple[tuple[int, bytes], Letter]]:
    """Return the letters that these secrets open, and where they lie; those of another world stay unread."""
    found = []
    for place, body in letters().bodies():
        for secret in secrets:
            try:
                found.append(((place, body), Letter(**json.loads(seal.unpadded(seal.unwrapped(body, secret))))))
            except (seal.Damaged, ValueError, TypeError):
                continue
            break
    return found


def answer(public: bytes, text: str) -> None:
    """Lay an answer to a mailbox in its place, sealed; raise `Full`."""
    plain = json.dumps({"text": text, "day": today().isoformat()}, ensure_ascii=False).encode()
    answers().forget_before(today() - timedelta(days=KEPT_DAYS))
    answers().put(_sealed(plain, public, ANSWER_BYTES), today())


@dataclass(frozen=True)
class Answer:
    """One answer as its reader sees it."""

    place: tuple[int, bytes]  # where it lies, and as what
    text: str
    day: date


def answers_to(mailbox: Mailbox) -> list[Answer]:
    """Return the answers of a mailbox, oldest first; every place is tried, so that finding none takes as long."""
    found = []
    for place, body in answers().bodies(all_of_them=True):
        try:
            told = json.loads(seal.unpadded(seal.unwrapped(body, mailbox.secret)))
        except seal.Damaged:
            continue
        found.append(Answer((place, body), told["text"], date.fromisoformat(told["day"])))
    return sorted(found, key=lambda one: one.day)


def destroy_answers(mailbox: Mailbox) -> None:
    """Fill the places of a mailbox's answers with noise."""
    answers().clear([one.place for one in answers_to(mailbox)])


def _sealed(plain: bytes, public: bytes, size: int) -> bytes:
    room = size - 48 - 1  # what a sealed box and the end mark add
    if len(plain) > room:
        raise VeilError(_("this is too long"), _("write it shorter; you can add more with your receipt afterwards"))
    return seal.wrapped(plain + b"\x80" + bytes(room - len(plain)), public)
