"""Which voice a plan asks for."""

from pathlib import Path

from veil.disguise.voices.contract import Voice
from veil.disguise.voices.hibari import Hibari
from veil.disguise.voices.kokoro import Kokoro
from veil.disguise.voices.piper import Piper
from veil.disguise.voices.pool import Blend, blend
from veil.errors import VeilError
from veil.nouns.voicing import PREVIEW, Voicing


def ships(language: str) -> bool:
    """Tell whether a voice that speaks a language (ISO 639-1, "" where nobody told) ships with Veil."""
    return language.split("-", maxsplit=1)[0].lower() in {"", "en"}


def voice_for(voicing: Voicing, language: str, seed: int, own: Blend | None = None) -> Voice:
    """Return the synthetic voice that says a person's words; `seed` is theirs, and steady through the film.

    `own` is their blend where the film's voices were drawn together (`blends`), so that no two are alike. `language`
    is what is spoken, ISO 639-1; "" is taken for English. Raises VeilError where there is no such voice, and
    ValueError for what is no synthetic voice.
    """
    if voicing.by != "revoice":
        raise ValueError(f"{voicing.by} is not spoken by a synthetic voice")
    if not voicing.ships:
        return Piper(Path(voicing.voice), language)
    if not ships(language):
        raise VeilError(
            "no voice for this language ships with Veil",
            'name one in Piper\'s format in the plan (voice_model), or let a volunteer speak (voice = "double")',
        )
    return Hibari() if voicing.voice == PREVIEW else Kokoro(blend(seed) if own is None else own)
