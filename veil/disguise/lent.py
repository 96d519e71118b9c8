"""Doubles that volunteers lent: where they are kept, what their lenders agreed to, and which films used them.

They lie in a folder of the user's own, one folder each, apart from the doubles that ship. `lent.json` in it holds who
lent the face (in the words of the consent, best a pseudonym), for which films, until when, and which films used it.
The consent itself stays with the user; only its SHA-256 is kept, which proves later which text was agreed to.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from veil.errors import VeilError
from veil.whole import write_whole

ANY = "any"
"""Instead of titles: the face is lent for every film."""

_FORMAT = 1
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_WANTED = {"lender", "films", "until", "purpose", "agreed", "reference"}
_TEMPLATE = "`veil double template consent.toml` writes one to fill in"

TEMPLATE = """\
# Consent to lend a face to Veil. Filled in together with the person who lends it, who keeps a copy.
#
# What happens: from photos or a clip of me a "face double" is made: the shape and the skin of my face. A person who
# must not be recognised wears it in a film, moved by their own expression. Viewers may think that they see me.
# I can withdraw this at any time: then my double is destroyed and can no longer be worn. Films that were finished
# before stay as they are; `veil doubles` says which those are.

lender = ""            # who lends the face. Kept in the wardrobe as written here: better a pseudonym than a name
films = [""]           # (working) titles of the films for which it is lent, or ["any"]
until = {until}     # the last day on which it may be worn
purpose = ""           # what for, in a few words. It stays in this file
agreed = false         # true when the lender has read all of this, agrees, and is of age
reference = "{reference}"  # chance; leave it: it keeps the checksum of this file from being guessed
"""


@dataclass(frozen=True)
class Consent:
    """What one lender agreed to."""

    lender: str
    films: tuple[str, ...]  # titles, or `ANY`
    until: date  # the last day
    sha256: str  # of the text that was signed

    def covers(self, title: str) -> bool:
        """Tell whether the face was lent for the film of this title; upper and lower case are one."""
        return ANY in self.films or _plain(title) in {_plain(t) for t in self.films}


@dataclass(frozen=True)
class Worn:
    """A finished film that used a double."""

    title: str
    result: str  # SHA-256 of the finished film
    on: date


@dataclass(frozen=True)
class Record:
    """What is kept of a lent double beside its pictures; it stays when they are destroyed."""

    consents: tuple[Consent, ...]
    made: date
    withdrawn: date | None = None
    worn: tuple[Worn, ...] = ()

    @property
    def until(self) -> date:
        """The last day on which all lenders let it be worn."""
        return min(c.until for c in self.consents)

    @property
    def films(self) -> tuple[str, ...]:
        """The titles for which all lenders lent it, or `ANY`."""
        named = [c for c in self.consents if ANY not in c.films]
        return tuple(t for t in named[0].films if all(c.covers(t) for c in named)) if named else (ANY,)


def today() -> date:
    """Return the day it is where the user is."""
    return datetime.now().astimezone().date()


def template(on: date) -> str:
    """Return a consent to fill in, with a reference of its own."""
    return TEMPLATE.format(until=date(on.year + 1, on.month, min(on.day, 28)), reference=secrets.token_hex(12))


def write_template(out: Path, on: date) -> None:
    """Write a consent to fill in, for its owner only; raise VeilError when something is there already."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as form:
            form.write(template(on).encode())
    except FileExistsError as error:
        raise VeilError("there is a file of this name already", "choose another name") from error
    except OSError as error:
        raise VeilError("the consent cannot be written", "choose a folder that you may write") from error


def read_consent(path: Path, on: date, title: str = "", lends: str = "") -> Consent:
    """Read the consent that a volunteer signed, and check it for today and, where one is given, for a film.

    `lends` is what it must say that they lend, where that is no face. Raises VeilError when it is missing, not
    readable, not agreed to, has run out, or is for something else or other films.
    """
    try:
        signed = path.read_bytes()
    except OSError as error:
        raise VeilError("there is no consent that can be read", f"give the file with --consent; {_TEMPLATE}") from error
    try:
        told = tomllib.loads(signed.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VeilError("the consent is not valid TOML in UTF-8", f"correct it; {_TEMPLATE}") from error
    if told.pop("lends", "") != lends:
        raise VeilError(f"this is no consent to lend a {lends or 'face'}", "give the one that was written for it")
    consent = _consent(told, hashlib.sha256(signed).hexdigest())
    if consent.until < on:
        raise VeilError("the consent has run out", "ask the lender for a new one, with a later `until`")
    if title and not consent.covers(title):
        raise VeilError("the consent is not for this film", "give the title as the lender signed it, or ask them")
    return consent


def _consent(told: Mapping[str, Any], sha256: str) -> Consent:
    if strange := sorted(set(told) - _WANTED):
        raise VeilError(f"the consent says {strange[0]!r}, which Veil does not know", f"correct it; {_TEMPLATE}")
    if told.get("agreed") is not True:
        raise VeilError("the consent is not given", "let the lender read it and set `agreed = true`")
    lender, purpose, films, until = (told.get(key) for key in ("lender", "purpose", "films", "until"))
    for key, said in (("lender", lender), ("purpose", purpose)):
        if not isinstance(said, str) or not said.strip():
            raise VeilError(f"the consent has no {key}", f"write `{key}` into it as text")
    titles = [t.strip() for t in (films if isinstance(films, list) else [films]) if isinstance(t, str)]
    if not titles or not all(titles) or (isinstance(films, list) and len(titles) < len(films)):
        raise VeilError("the consent names no film", 'write `films = ["the title"]` into it, or `films = ["any"]`')
    if type(until) is not date:
        raise VeilError("the consent has no last day", "write `until = 2027-12-31` into it, with your own date")
    return Consent(str(lender).strip(), tuple(titles), until, sha256)


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


# ── the folder ─────────────────────────────────────────────────────────────────────────────────────────────────────


def wardrobe_folder() -> Path:
    """Return where lent doubles are kept: $VEIL_WARDROBE, or a folder of the user's data."""
    if told := os.environ.get("VEIL_WARDROBE"):
        return Path(told)
    data = os.environ.get("XDG_DATA_HOME")
    base = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return base / "veil" / "doubles"


def names() -> tuple[str, ...]:
    """Return the names of all doubles that were ever lent, sorted, withdrawn ones included."""
    return tuple(sorted(p.parent.name for p in wardrobe_folder().glob("*/lent.json") if _NAME.fullmatch(p.parent.name)))


def mark(name: str) -> str:
    """Return a mark of a lent double's face, which another face under its name does not have: SHA-256 of its files."""
    told = hashlib.sha256()
    try:
        for path in sorted((wardrobe_folder() / name).iterdir()):
            if not path.name.startswith(".") and path.name != "lent.json":
                told.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    except OSError as error:
        raise VeilError(f"the lent double {name!r} cannot be read", "restore it from a copy") from error
    return told.hexdigest()


def record(name: str) -> Record:
    """Return what is kept of a lent double; raise VeilError when there is none, or it is damaged."""
    if name not in names():
        raise VeilError(f"nobody lent a double called {name!r}", "see `veil doubles`")
    try:
        told = json.loads((wardrobe_folder() / name / "lent.json").read_text("utf-8"))
        if told["format"] != _FORMAT:
            raise ValueError("another version wrote it")
        consents = tuple(
            Consent(c["lender"], tuple(c["films"]), date.fromisoformat(c["until"]), c["sha256"])
            for c in told["consents"]
        )
        worn = tuple(Worn(w["title"], w["result"], date.fromisoformat(w["on"])) for w in told["worn"])
        withdrawn = date.fromisoformat(told["withdrawn"]) if told["withdrawn"] else None
        found = Record(consents, date.fromisoformat(told["made"]), withdrawn, worn)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise VeilError(f"the record of the lent double {name!r} is damaged", "restore it from a copy") from error
    if not consents:
        raise VeilError(f"the record of the lent double {name!r} is damaged", "restore it from a copy")
    return found


def joint_record(consents: Sequence[Consent], on: date) -> Record:
    """Return the record of a double of several people; raise VeilError unless each agreed, to one film at least."""
    if len({c.sha256 for c in consents}) < len(consents) or len({_plain(c.lender) for c in consents}) < len(consents):
        raise VeilError("two of the consents are the same, or of one lender", "give one consent of each volunteer")
    kept = Record(tuple(consents), on)
    if not consents or not kept.films:
        raise VeilError("there is no film for which all of them lent their face", "ask them, or leave somebody out")
    return kept


_OTHER = "choose another double, see `veil doubles`"


def check_open(name: str, on: date) -> Record:
    """Return the record of a lent double; raise VeilError when nobody may wear it any more."""
    kept = record(name)
    if kept.withdrawn:
        raise VeilError(f"the consent to wear {name} was withdrawn", _OTHER)
    if kept.until < on:
        raise VeilError(f"the consent to wear {name} has run out", f"make it anew with a new consent, or {_OTHER}")
    return kept


def check(name: str, title: str, on: date) -> None:
    """Raise VeilError unless all who lent this double let it be worn today in the film of this title."""
    kept = check_open(name, on)
    if not title.strip():
        raise VeilError(
            f"{name} was lent, and the plan does not say for which film", 'write `title = "..."` at its top'
        )
    if not all(c.covers(title) for c in kept.consents):
        raise VeilError(f"{name} was not lent for this film", f"correct `title` in the plan, or {_OTHER}")


def check_name(name: str, shipped: Sequence[str]) -> None:
    """Raise VeilError unless a new lent double may have this name."""
    if not _NAME.fullmatch(name):
        raise VeilError(
            "a double's name is made of small letters, digits and dashes",
            "choose a name such as `mira`, not a person's",
        )
    if name in shipped or name in names():
        raise VeilError(f"there is, or was, a double called {name!r}", "choose another name")


def store(name: str, files: Mapping[str, bytes], kept: Record) -> Path:
    """Write a new double, whole or not at all, for its owner only; return its folder."""
    base = wardrobe_folder()
    draft = base / f".{name}.{secrets.token_hex(4)}"
    try:
        if not base.is_dir():  # one that the user made, and perhaps shares, keeps its rights
            base.mkdir(mode=0o700, parents=True)
        draft.mkdir(mode=0o700)
        for file, data in {**files, "lent.json": _written(kept)}.items():
            write_whole(draft / file, data)
        draft.rename(base / name)
    except OSError as error:
        raise VeilError(
            "the wardrobe cannot be written", "make room, or name another folder in VEIL_WARDROBE"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # even when it was interrupted: a draft holds a face, and no record
    return base / name


def withdraw(name: str, on: date) -> Record:
    """Destroy a lent double's pictures and keep its record, so that it can never be worn again; twice does no harm."""
    kept = record(name)
    if kept.withdrawn is None:
        kept = replace(kept, withdrawn=on)
        _keep(name, kept)  # first of all: what is withdrawn is not worn, even if the rest fails
    try:
        for path in (wardrobe_folder() / name).iterdir():
            if path.name != "lent.json":
                _destroy(path)
        for draft in wardrobe_folder().glob(f".{name}.*"):  # of a making that was killed
            for path in draft.iterdir():
                _destroy(path)
            draft.rmdir()
    except OSError as error:
        raise VeilError("the pictures of the double cannot be destroyed", "delete them in your wardrobe") from error
    return kept


def note(worn: Iterable[str], title: str, result: Path, on: date) -> None:
    """Write into the record of each lent double that a finished film uses it."""
    lent = sorted(set(worn) & set(names()))
    if not lent:
        return
    with result.open("rb") as film:
        used = Worn(title.strip(), hashlib.file_digest(film, "sha256").hexdigest(), on)
    for name in lent:
        kept = record(name)
        if all((w.title, w.result) != (used.title, used.result) for w in kept.worn):
            _keep(name, replace(kept, worn=(*kept.worn, used)))


def _keep(name: str, kept: Record) -> None:
    path = wardrobe_folder() / name / "lent.json"
    try:
        write_whole(path, _written(kept))
    except OSError as error:
        raise VeilError("the record of a lent double cannot be written", "make your wardrobe writable") from error


def _written(kept: Record) -> bytes:
    return json.dumps({"format": _FORMAT, **asdict(kept)}, indent=1, default=date.isoformat).encode()


def _destroy(path: Path) -> None:
    """Overwrite a file, then remove it. A solid-state disk or a backup may keep what was there."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
