"""Sounding: what is heard under the cut, from what was heard in the film, by the plan, with the words as disguised."""

from collections.abc import Iterable
from pathlib import Path

from veil.disguise.voices import Blend, Voice, allowed, blend, blends, voice_for
from veil.disguise.voices.convert import Convert
from veil.media import SOUND_HZ
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard, Phrase, Sound
from veil.nouns.time import ALWAYS
from veil.nouns.voicing import Voicing
from veil.progress import Progress, silent
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import load_heard
from veil.stages.names_file import load_names
from veil.stages.placed import load_placed
from veil.stages.takes import voice_double
from veil.stages.utterances import Voices, seed_of
from veil.stages.voice import voice
from veil.stages.words import reworded


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
    return voice(
        case, plan, folder, heard, transcript, voices_of(case, plan, folder, heard, transcript.phrases), progress
    )


def sound_told(case: Case, plan: Plan, folder: CaseFolder) -> list[str]:
    """Say what became of the voices of a film that was cut, a line each; no word of the film is in it."""
    if not case.film.has_sound:
        return ["the film has no sound"]
    if plan.sound != "disguised":
        return ["the sound was left out" if plan.sound == "left out" else "voices are heard as they are"]
    heard, placed = load_heard(folder), load_placed(folder)
    bent = {line.speaker for line in placed if line.by == "convert"}
    spoken = {line.speaker for line in placed} - bent
    permitted = [who for who in heard.speakers if plan.role_of(who).voicing.heard]
    silent = [who for who in heard.speakers if who not in {*spoken, *bent, *permitted}]
    known = {phrase.speaker for phrase in heard.transcript.phrases if phrase.words}
    lines = [f"with another voice: {', '.join(sorted(spoken))}"] if spoken else []
    lines += [f"with their own voice, only bent: {', '.join(sorted(bent))}"] if bent else []
    lines += [f"with their own voice, as the plan says: {', '.join(permitted)}"] if permitted else []
    if subtitled := [who for who in silent if who in known]:
        lines.append(f"silent: {', '.join(subtitled)}" + ", in subtitles only" * (plan.subtitles != "left out"))
    if wordless := [who for who in silent if who not in known]:
        lines.append(f"silent, since no word of theirs is known: {', '.join(wordless)}; add them to transcript.txt")
    names = load_names(folder.names)
    hidden = [entry for entry in names.entries if entry.does != "kept" and entry.places]
    if names.together:
        lines.append("what is told of somebody may fit one person only: see [[together]] in names.toml")
    if hidden and not all(entry.accepted for entry in hidden):
        count = "one name or other word is" if len(hidden) == 1 else f"{len(hidden)} names and other words are"
        lines.append(f"{count} replaced or covered: look through names.toml, then run it again")
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
