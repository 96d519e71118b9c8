"""Whoever lends their voice: the consent they sign, and what is kept of it beside their takes."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from veil.disguise.lent import Consent, read_consent
from veil.errors import VeilError

_LENDS = "voice"
_OTHER = "ask them again and read in new takes, or choose another voice in the plan"

_TEMPLATE = """\
# Consent to lend a voice to Veil. Filled in together with the person who lends it, who keeps a copy.
#
# What happens: I read aloud what somebody who must not be recognised said in a film. My reading is heard in the film in
# place of their voice. Viewers may think that I am the person, and who knows me may know my voice; a second pass can
# bend it, but software may still know it. I can withdraw this at any time: then my takes are destroyed and can no
# longer be used. Films that were finished before stay as they are.

lends = "voice"        # leave it
lender = ""            # who lends the voice. Kept beside the takes as written here: better a pseudonym than a name
films = [""]           # (working) titles of the films for which it is lent, or ["any"]
until = {until}     # the last day on which films may be made with it
purpose = ""           # what for, in a few words
agreed = false         # true when the lender has read all of this, agrees, and is of age
reference = "{reference}"  # chance; leave it: it keeps the checksum of this file from being guessed
"""


def template(on: date) -> str:
    """Return a consent to fill in, with a reference of its own."""
    return _TEMPLATE.format(until=date(on.year + 1, on.month, min(on.day, 28)), reference=secrets.token_hex(12))


def write_template(out: Path, on: date) -> None:
    """Write a consent to fill in, for its owner only; raise VeilError when something is there already."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(template(on))
    except FileExistsError as error:
        raise VeilError("there is a file of this name already", "choose another name") from error
    except OSError as error:
        raise VeilError("the consent cannot be written", "choose a folder that you may write") from error


def read_voice_consent(path: Path, on: date, title: str = "") -> Consent:
    """Read the consent of a voice double, and check it for today and for a film; raise VeilError when it does not hold.

    A voice that was lent for some films only is refused where the plan does not say which film this is.
    """
    consent = read_consent(path, on, title, _LENDS)
    if not title.strip() and not consent.covers(""):
        raise VeilError(
            "a voice was lent, and the plan does not say for which film", 'write `title = "..."` at its top'
        )
    return consent


@dataclass(frozen=True)
class Agreed:
    """What is kept of a consent beside the takes; it stays when they are destroyed."""

    lender: str
    films: tuple[str, ...]
    until: date
    sha256: str
    withdrawn: date | None = None


def keep(path: Path, consent: Consent) -> None:
    """Write down which consent the takes beside it stand on."""
    _write(path, Agreed(consent.lender, consent.films, consent.until, consent.sha256))


def withdraw(path: Path, on: date) -> Agreed:
    """Write down that the voice was taken back; twice does no harm."""
    kept = agreed(path)
    if kept.withdrawn is None:
        kept = replace(kept, withdrawn=on)
        _write(path, kept)
    return kept


def agreed(path: Path) -> Agreed:
    """Return what is kept; raise VeilError when it cannot be read."""
    try:
        told = json.loads(path.read_text("utf-8"))
        left = date.fromisoformat(told["withdrawn"]) if told["withdrawn"] else None
        return Agreed(told["lender"], tuple(told["films"]), date.fromisoformat(told["until"]), told["sha256"], left)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise VeilError("the consent of the voice double is not beside the takes", _OTHER) from error


def check(path: Path, consent: Consent) -> None:
    """Raise VeilError unless the takes beside `path` were read under this very consent, and it was not withdrawn."""
    kept = agreed(path)
    if kept.withdrawn is not None:
        raise VeilError("the voice double has taken their voice back", _OTHER)
    if kept.sha256 != consent.sha256:
        raise VeilError("the takes were read under another consent than the plan names", _OTHER)


def _write(path: Path, kept: Agreed) -> None:
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(asdict(kept), indent=1, default=date.isoformat), "utf-8")
    draft.chmod(0o600)
    draft.replace(path)
