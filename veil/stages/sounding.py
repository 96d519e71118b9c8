"""Sounding: what is heard under the cut, from what was heard in the film, by the plan, with the words as disguised."""

from importlib import import_module
from pathlib import Path
from typing import Any

from veil.errors import VeilError
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard
from veil.progress import Progress, silent
from veil.stages.case import Case, CaseFolder
from veil.stages.utterances import Voices
from veil.stages.voice import voice


def sounding(case: Case, plan: Plan, folder: CaseFolder, progress: Progress = silent) -> Path | None:
    """Return the new sound of the film, made if it is not there; None where the plan wants none, or there is none.

    Raises VeilError where the plan asks for a voice that does not hide whom it must hide, or cannot be given.
    """
    if plan.sound != "disguised":
        return None
    heard: Heard = _part("veil.stages.hear", "load_heard")(folder)
    transcript = _part("veil.stages.words", "reworded")(case, plan, folder, heard)
    if not case.film.has_sound and not transcript.phrases:
        return None
    return voice(case, plan, folder, heard, transcript, _voices(), progress)


def _voices() -> Voices:
    return {"revoice": _part("veil.disguise.voices", "voice_for")}


def _part(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise VeilError("this Veil makes no new voices", 'set sound = "left out" in plan.toml') from error
