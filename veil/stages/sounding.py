"""Sounding: what is heard under the cut, from what was heard in the film, by the plan, with the words as disguised."""

from collections.abc import Iterable
from pathlib import Path

from veil.disguise.voices import Blend, Voice, allowed, blend, blends, ships, voice_for
from veil.disguise.voices.convert import Convert
from veil.media import SOUND_HZ
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard, Phrase, Sound
from veil.nouns.time import ALWAYS
from veil.nouns.voicing import Voicing
from veil.progress import Progress, silent
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import language_of, load_heard
from veil.stages.hidden_words import check_transcript, wording
from veil.stages.placed import load_placed
from veil.stages.takes import voice_double
from veil.stages.utterances import Voices, seed_of
from veil.stages.voice import voice
from veil.stages.words import reworded

NO_VOICE = (
    "no voice that speaks this language ships with Veil, so the words stand in the subtitles only: let a volunteer say "
    "them (`veil voice script`), or name a voice in Piper's format in plan.toml (voice_model)"
)


def sounding(case: Case, plan: Plan, folder: CaseFolder, progress: Progress = silent) -> Path | None:
    """Return the new sound of the film, made if it is not there; None where the plan wants none, or there is none.

    Raises VeilError where the plan asks for a voice that does not hide whom it must hide, or cannot be given.
    """
    if plan.sound != "disguised":
        return None
    heard = load_heard(folder)
    transcript = reworded(case, plan, folder, heard)
    if not case.film.has_sound and not transcript.phrases:
        return None
    if transcript.phrases:  # before minutes of work, not after them
        check_transcript(transcript, wording(case, plan, folder, heard)[0])
    return voice(
        case, plan, folder, heard, transcript, voices_of(case, plan, folder, heard, transcript.phrases), progress
    )


def sound_told(case: Case, plan: Plan, folder: CaseFolder) -> list[str]:
    """Say what became of the voices of a film that was cut, a line each; no word of the film is in it."""
    if not case.film.has_sound:
        return ["the film has no sound"]
    if plan.sound != "disguised":
        return ["the sound was left out" if plan.sound == "left out" else "voices are heard as they are"]
    heard, spoken = load_heard(folder), {line.speaker for line in load_placed(folder)}
    permitted = [who for who in heard.speakers if plan.role_of(who).voicing.heard]
    silent = [who for who in heard.speakers if who not in spoken and who not in permitted]
    lines = [f"with another voice: {', '.join(sorted(spoken))}"] if spoken else []
    lines += [f"with their own voice, as the plan says: {', '.join(permitted)}"] if permitted else []
    lines += [f"silent: {', '.join(silent)}"] if silent else []
    unspoken = any(plan.role_of(who).voicing.by == "silence" for who in silent)
    lines += [NO_VOICE] if unspoken and not ships(language_of(plan.language, heard)) else []
    lines += list(heard.remarks)
    if spoken and any(phrase.source == "recognised" for phrase in heard.transcript.phrases):
        lines.append("a machine wrote the words down, and may be wrong: correct transcript.txt, then run it again")
    return lines or ["nobody is heard"]


def voices_of(case: Case, plan: Plan, folder: CaseFolder, heard: Heard, phrases: Iterable[Phrase]) -> Voices:
    """Return who says what each speaker says; no two of them alike.

    Raises VeilError where what the plan makes of a voice does not hide it from those whom it must be hidden from.
    """
    speakers = sorted({*heard.speakers, *(phrase.speaker for phrase in phrases)})
    for speaker in speakers:
        voicing = plan.role_of(speaker).voicing
        if ALWAYS not in voicing.heard:
            allowed(voicing, plan.hidden_from)
    own: dict[str, Blend] = {}
    if any(_blended(plan.role_of(speaker).voicing) for speaker in speakers):
        sexes = {s: case.looks[s].sex if s in case.looks else None for s in speakers}
        own = blends(plan.seed, sexes)
        for speaker in speakers:  # an attack has refused theirs: another is drawn
            if again := plan.role_of(speaker).voicing.again:
                own[speaker] = blend(seed_of(plan, f"{speaker} again {again}"), sexes[speaker])

    def synthetic(speaker: str, voicing: Voicing, language: str, seed: int) -> Voice:
        return voice_for(voicing, language, seed, own.get(speaker))

    def double(speaker: str, voicing: Voicing, language: str, seed: int) -> Voice:
        del language
        second = Convert(seed_of(plan, f"double of {speaker}") ^ seed).bend if voicing.second_pass else None
        return voice_double(folder.path, voicing, plan.title, second)

    def bend(seed: int, sound: Sound) -> Sound:
        return Convert(seed).bend(sound, SOUND_HZ)

    marks = {speaker: repr(blend) for speaker, blend in own.items()}
    return Voices({"revoice": synthetic, "double": double}, bend, marks)


def _blended(voicing: Voicing) -> bool:
    return voicing.by == "revoice" and not voicing.voice
