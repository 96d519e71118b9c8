"""Credentials: a copy of the finished film that says, signed with the user's own key, that people are disguised.

Only the very file that the last attack found safe is signed.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from veil.errors import VeilError
from veil.media.audit import compare
from veil.media.credentials import Deed, credentials_of, sign
from veil.nouns.plan import Plan
from veil.stages.case import Case, CaseFolder, write_json
from veil.stages.signing import disguises

_COVERED = {
    "double": "faces of people were replaced by digital doubles",
    "shadow": "people were put in shadow",
    "blackout": "heads of people were blacked out",
}


def note_finished(folder: CaseFolder, result: Path | None) -> None:
    """Remember which file the last attack found safe; None where it found none."""
    note = folder.path / "finished.json"
    if result is None:
        note.unlink(missing_ok=True)
    else:
        write_json(note, {"sha256": _sum(result)})


@dataclass(frozen=True)
class Pen:
    """What is signed with: a private key and its chain of certificates, PEM files of the user's own."""

    key: Path
    certificate: Path


def credentials(case: Case, plan: Plan, folder: CaseFolder, result: Path, pen: Pen, out: Path) -> None:
    """Write a signed copy of `result` to `out`.

    Raises VeilError when `result` is not what was found safe, or the copy would tell of more than the disguise.
    """
    if not result.is_file() or _finished(folder) != _sum(result):
        raise VeilError("this is not the film that the last attack found safe", "run `veil attack CASE` on it first")
    if out.exists():
        raise VeilError("the signed film exists already", "choose another name with -o, or remove it")
    draft = out.with_name(f"{out.name}.part")
    draft.unlink(missing_ok=True)
    try:
        sign(result, deeds(case, plan), pen.key, pen.certificate, draft)
        _check(case, draft)
        os.replace(draft, out)
    finally:
        draft.unlink(missing_ok=True)


def deeds(case: Case, plan: Plan) -> tuple[Deed, ...]:
    """Return what was done to the film, as its credentials tell it: no number, label, time or name of anybody."""
    if not disguises(case, plan):
        raise VeilError("nobody in the film is disguised", "there is nothing for Content Credentials to say")
    covers = {plan.role_of(person.label).cover for person in case.cast.people}
    said = [Deed("c2pa.created", "people in this film are digitally disguised")]
    said += [Deed("c2pa.edited", words) for cover, words in _COVERED.items() if cover in covers]
    if plan.sound == "left out":
        said.append(Deed("c2pa.edited", "the sound was left out", synthetic=False))
    return tuple(said)


def _check(case: Case, signed: Path) -> None:
    """Raise VeilError unless the signed film tells of the disguise and of nothing else."""
    told = credentials_of(signed)
    if told is None:
        raise VeilError("the signed film does not hold what was signed", "nothing was written; try again")
    film = case.film
    words = json.dumps(told).casefold()
    private = film.fingerprint.casefold() in words or (len(film.path.stem) > 3 and film.path.stem.casefold() in words)
    if private or {"ingredients", "thumbnail", "title"} & told.keys():
        raise VeilError("the credentials would tell of the original film", "nothing was written; see THREATS.md")
    if any(left.gives_away for left in compare(film.path, signed)):
        raise VeilError("the signed film would give somebody away by its notes", "nothing was written; see report.html")


def _finished(folder: CaseFolder) -> str | None:
    try:
        told = json.loads((folder.path / "finished.json").read_text("utf-8"))
        return str(told["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
