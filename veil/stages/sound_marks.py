"""What the sound of a cut was made of, as marks: whoever judges a cut must judge it with the sound that it has."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from veil.nouns.plan import Plan
from veil.stages.case import CaseFolder
from veil.stages.names_file import load_names


def sound_marks(plan: Plan, folder: CaseFolder) -> tuple[str, ...]:
    """Return the sums of the track that was laid under the film and of the words that it was made from.

    Nothing where the plan wants no new sound. A transcript that is corrected after the cut gives other marks, and so do
    names that become something else; what a person has merely read and accepted since does not.
    """
    if plan.sound != "disguised":
        return ()
    heard = sorted(folder.hearing.rglob("*")) if folder.hearing.is_dir() else []
    told = [path for path in (folder.transcript, *heard, track_notes(folder)) if path.is_file()]
    names = load_names(folder.names)
    becomes = [replace(entry, accepted=False, places=()) for entry in names.entries], names.read_by_hand
    return (
        *(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in told),
        hashlib.sha256(repr(becomes).encode()).hexdigest(),
    )


def track_notes(folder: CaseFolder) -> Path:
    """Return where it stands what the new sound was made of."""
    return folder.sound / "track.json"


def read_notes(folder: CaseFolder) -> tuple[str, dict[str, float]]:
    """Return what the track that is kept was made of, as a name, and how many seconds were owed and paid in it."""
    try:
        notes = json.loads(track_notes(folder).read_text("utf-8"))
        return str(notes["key"]), {str(k): float(v) for k, v in notes["ledger"].items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return "", {}


def read_sum(folder: CaseFolder) -> str:
    """Return the sum of the track that the notes are about, "" where there are none."""
    try:
        return str(json.loads(track_notes(folder).read_text("utf-8"))["sha256"])
    except (OSError, KeyError, TypeError, ValueError):
        return ""


def sound_sums(folder: CaseFolder) -> dict[str, float]:
    """Return how many seconds of sound were owed and paid; nothing where no new sound was made."""
    return read_notes(folder)[1]
