"""Sounding: what is heard under the cut, from what was heard in the film, by the plan, with the words as disguised."""

from collections.abc import Iterable
from pathlib import Path

from veil.disguise.voices import Blend, Voice, allowed, blend, blends, release, ships, voice_for
from veil.disguise.voices.convert import Convert
from veil.media import SOUND_HZ
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard, Phrase, Sound
from veil.nouns.time import ALWAYS
from veil.nouns.voicing import Voicing
from veil.progress import Progress, silent
from veil.stages.by_hand import freed_by_hand, freed_told
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import language_of, load_heard, load_record, load_uncorrected
from veil.stages.hidden_words import check_transcript, wording
from veil.stages.names_file import load_names
from veil.stages.placed import load_placed
from veil.stages.sound_marks import sound_sums
from veil.stages.takes import voice_double
from veil.stages.utterances import Voices, seed_of
from veil.stages.voice import voice
from veil.stages.words import reworded

_WORTH_S = 2.0  # of silence, or of coming late: worth a word


NO_VOICE = (
    "no voice that speaks this language ships with Veil, so the words stand in the subtitles only: let a volunteer say "
    "them (`veil voice script`), or name a voice in Piper's format in plan.toml (voice_model)"
)

_MUSIC = ' or, where it is only music, heard = ["always"] to plan.toml'


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
    voices = voices_of(case, plan, folder, heard, transcript.phrases)
    try:
        return voice(case, plan, folder, heard, transcript, voices, progress)
    finally:
        release()


def sound_told(case: Case, plan: Plan, folder: CaseFolder) -> list[str]:
    """Say what became of the voices of a film that was cut, a line each; no word of the film is in it."""
    if not case.film.has_sound:
        return ["the film has no sound"]
    if plan.sound != "disguised":
        return ["the sound was left out" if plan.sound == "left out" else "voices are heard as they are"]
    if load_record(folder) is None:
        return ["nobody has listened to the film yet, so all of its sound is gone: run `veil hear`, then cut again"]
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
        unseen = not any(person.label in wordless for person in case.cast.people)  # whoever is seen is no music
        why = f"silent, since no word of theirs is known: {', '.join(wordless)}; add them to transcript.txt"
        lines.append(why + _MUSIC * unseen)
    unspoken = any(plan.role_of(who).voicing.by == "silence" for who in silent)
    lines += [NO_VOICE] if unspoken and not ships(language_of(plan.language, heard)) else []
    lines += [told] if (told := freed_told(freed_by_hand(case, plan, folder))) else []
    lines += [*_wanting(case, folder, heard), *_reviewed(folder)]
    lines += list(heard.remarks)
    if spoken and any(phrase.source == "recognised" for phrase in heard.transcript.phrases):
        lines.append("a machine wrote the words down, and may be wrong: correct transcript.txt, then run it again")
    return lines or ["nobody is heard"]


def _wanting(case: Case, folder: CaseFolder, heard: Heard) -> list[str]:
    """Return what of the new sound is not as the user will want it, and what helps, a line each."""
    sums, lines = sound_sums(folder), []
    if (lost_s := sums.get("lost_s", 0.0)) >= _WORTH_S:
        lines.append(
            f"for {lost_s:.0f} s a voice that may be heard is silent: somebody else may be heard there too, or it may "
            "be somebody else's"
        )
    if (late_s := sums.get("late_s", 0.0)) >= _WORTH_S:
        lines.append(
            f"a new voice falls behind the film by up to {late_s:.1f} s: shorten what it says in transcript.txt"
        )
    if cut_off_s := sums.get("cut_off_s", 0.0):
        lines.append(f"the film's end cuts off {cut_off_s:.1f} s of what is said last: shorten it in transcript.txt")
    if late := sum(bool(p.words) and p.span.start >= case.end_s for p in heard.transcript.phrases):
        lines.append(f"{late} lines of transcript.txt begin after the film's end and are not said")
    known = {person.label for person in case.cast.people} | set(load_uncorrected(folder).speakers)
    strange = sorted({p.speaker for p in heard.transcript.phrases} - known)
    if strange:
        told = f"{', '.join(strange)} in transcript.txt"
        lines.append(f"{told}: nobody whom Veil knows, so it counts as a stranger with a voice of their own")
    return lines


def _reviewed(folder: CaseFolder) -> list[str]:
    """Say what of the names waits for a person's eye."""
    names = load_names(folder.names)
    hidden = [entry for entry in names.entries if entry.does != "kept" and entry.places]
    lines = ["what is told of somebody may fit one person only: see [[together]] in names.toml"] * bool(names.together)
    if hidden and not all(entry.accepted for entry in hidden):
        count = "one name or other word is" if len(hidden) == 1 else f"{len(hidden)} names and other words are"
        lines.append(f"{count} replaced or covered: look through names.toml, then run it again")
    return lines


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
    if any(plan.role_of(speaker).voicing.blended for speaker in speakers):
        sexes = {s: _sex(case, s, plan.role_of(s).voicing) for s in speakers}
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


def _sex(case: Case, speaker: str, voicing: Voicing) -> float | None:
    """Return the sex of a blend, 0 female to 1 male: what the plan says, else as the face looks; None: by lot."""
    guess = case.looks[speaker].sex if speaker in case.looks else None
    return {"woman": 0.0, "man": 1.0, "by lot": None}.get(voicing.voice, guess)
