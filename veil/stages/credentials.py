"""Credentials: a copy of the finished film that says, signed with the user's own key, that people are disguised.

Only the very file that the last attack found safe is signed.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from veil.errors import VeilError
from veil.media.audit import compare, words_of
from veil.media.credentials import Deed, credentials_of, sign
from veil.nouns.plan import Plan
from veil.stages.case import Case, CaseFolder, write_json
from veil.stages.painted import seal_of
from veil.stages.signing import disguises

_COVERED = {
    "double": "faces of people were replaced by digital doubles",
    "shadow": "people were put in shadow",
    "blackout": "heads of people were blacked out",
}


def note_finished(folder: CaseFolder, result: Path | None, seal: str = "") -> None:
    """Remember which file the last attack found safe, and the seal of what it was cut by; None: it found none."""
    note = folder.path / "finished.json"
    if result is None:
        note.unlink(missing_ok=True)
    else:
        write_json(note, {"sha256": _sum(result), "seal": seal})


@dataclass(frozen=True)
class Pen:
    """What is signed with: a private key and its chain of certificates, PEM files of the user's own."""

    key: Path
    certificate: Path


def credentials(case: Case, plan: Plan, folder: CaseFolder, result: Path, pen: Pen, out: Path) -> None:
    """Write a signed copy of `result` to `out`.

    Raises VeilError when `result` is not what was found safe, the plan is no longer the one it was cut by, or the copy
    would tell of more than the disguise.
    """
    check_finished(case, plan, folder, result)
    if out.exists():
        raise VeilError("the signed film exists already", "choose another name with -o, or remove it")
    draft = out.with_name(f"{out.name}.part")
    draft.unlink(missing_ok=True)
    try:
        done = deeds(case, plan)
        sign(result, done, pen.key, pen.certificate, draft)
        _check(case, done, draft)
        os.replace(draft, out)
    finally:
        draft.unlink(missing_ok=True)


def check_finished(case: Case, plan: Plan, folder: CaseFolder, result: Path) -> None:
    """Raise VeilError unless `result` is the very file that the last attack found safe, cut by this plan."""
    found, seal = _finished(folder)
    if not result.is_file() or found != _sum(result):
        raise VeilError("this is not the film that the last attack found safe", "run `veil attack CASE` on it first")
    if seal != seal_of(case, plan, folder):
        raise VeilError(
            "the plan, the transcript or the names are not the ones that this film was cut by",
            "put them back as they were, or cut and attack the film anew",
        )


def deeds(case: Case, plan: Plan) -> tuple[Deed, ...]:
    """Return what was done to the film, as its credentials tell it: no number, label, time or name of anybody."""
    if not disguises(case, plan):
        raise VeilError("nobody in the film is disguised", "there is nothing for Content Credentials to say")
    covers = {plan.role_of(person.label).cover for person in case.cast.people}
    said = [Deed("c2pa.created", "people in this film are digitally disguised")]
    said += [Deed("c2pa.edited", words) for cover, words in _COVERED.items() if cover in covers]
    if case.film.has_sound and plan.sound == "left out":
        said.append(Deed("c2pa.edited", "the sound was left out", synthetic=False))
    if case.film.has_sound and plan.sound == "disguised":
        said.append(Deed("c2pa.edited", "voices of people, and names in what they say, were replaced"))
    return tuple(said)


_PLAIN = {
    "film", "face", "head", "veil", "shadow", "double", "people", "interview", "video", "media", "data", "label",
    "name", "version", "hash", "claim", "actions", "action", "created", "edited", "description", "assertions",
    "signature", "c2pa", "bmff", "mp4",
}  # fmt: skip
"""Words that tell nothing of a film, though its file be called so: Veil's, the format's, and anybody's."""


def _named(path: Path, told: dict[str, Any], done: Sequence[Deed]) -> bool:
    """Tell whether credentials repeat the name of a file, or a word of it: what was done may use any."""
    text = json.dumps(told, ensure_ascii=False).casefold()
    own = _PLAIN | {word for deed in done for word in words_of(deed.said)}
    words = set(words_of(path.stem)) - own
    whole = len(path.stem) > 3 and path.stem.casefold() in text
    return bool(words) and (whole or any(len(word) > 2 for word in words & set(words_of(text))))


def _check(case: Case, done: Sequence[Deed], signed: Path) -> None:
    """Raise VeilError unless the signed film tells of the disguise and of nothing else."""
    told = credentials_of(signed)
    if told is None:
        raise VeilError("the signed film does not hold what was signed", "nothing was written; try again")
    film = case.film
    private = film.fingerprint.casefold() in json.dumps(told).casefold() or _named(film.path, told, done)
    if private or {"ingredients", "thumbnail", "title"} & told.keys():
        raise VeilError("the credentials would tell of the original film", "nothing was written; see THREATS.md")
    if any(left.gives_away for left in compare(film.path, signed)):
        raise VeilError("the signed film would give somebody away by its notes", "nothing was written; see report.html")


def _finished(folder: CaseFolder) -> tuple[str, str] | tuple[None, None]:
    """Return the checksum of the film that was found safe, and the seal of what it was cut by."""
    try:
        told = json.loads((folder.path / "finished.json").read_text("utf-8"))
        return str(told["sha256"]), str(told["seal"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
