"""The work with a voice double: the script from a case, the takes into it, and what the plan must say then."""

from dataclasses import dataclass, replace
from pathlib import Path

from veil.disguise.lent import today
from veil.disguise.voices import volunteer
from veil.errors import VeilError
from veil.hearing.recognisers import recogniser_for as recogniser
from veil.hearing.words import believed
from veil.nouns.plan import Plan
from veil.nouns.speech import HEARING_HZ, Line, Sound
from veil.nouns.time import Span
from veil.stages.captions import Speaking, spread
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import load_heard
from veil.stages.hidden_words import Hidden, check_lines, wording
from veil.stages.lines import lines
from veil.stages.recording import Script, as_page, as_plain, script_of
from veil.stages.said import disguised
from veil.stages.take_checks import Checked, Recogniser, check_take, missing
from veil.stages.takes import VoiceDouble, destroy_takes, hear_take, keep_takes, kept_takes, numbered

_KINDS = (".html", ".txt")
_MOST_HEARD_S = 30  # by a recogniser, in one go


def script_for(case: Case, plan: Plan, folder: CaseFolder, label: str) -> Script:
    """Return what the voice double of a person reads.

    Raises VeilError when they say nothing that is known, Exposed when a hidden word would stand in it.
    """
    role = plan.role_of(label)  # whatever their voice is now: the script comes before the plan can say "double"
    plan = replace(plan, roles={**plan.roles, label: replace(role, voicing=replace(role.voicing, by="double"))})
    every = lines(plan, disguised(case, plan, folder), case.end_s)
    aliases = {role.alias: "" for role in plan.roles.values() if role.alias}
    script = script_of(label, every, aliases)
    if not script.lines:
        raise VeilError(f"nothing is known of what {label} says", "look at transcript.txt, who says what")
    hidden, _ = wording(case, plan, folder, load_heard(folder))
    check_lines([Speaking(label, spread(one.text, Span(one.start, one.start))) for one in script.lines], hidden)
    return script


def write_script(script: Script, out: Path) -> None:
    """Write a script to print (.html) or as plain text (.txt); raise VeilError when it cannot be written."""
    if out.suffix.lower() not in _KINDS:
        raise VeilError("the kind of script to write is not clear from its name", "end the name in .html or .txt")
    if out.exists():
        raise VeilError("there is a file of this name already", "choose another name with -o, or remove it")
    try:
        out.write_text(as_page(script) if out.suffix.lower() == ".html" else as_plain(script), "utf-8")
    except OSError as error:
        raise VeilError("the script cannot be written", "choose a folder that you may write") from error


@dataclass(frozen=True)
class Handed:
    """What came of takes: for each line what is wrong with it, and how many are fit to be heard."""

    checked: tuple[Checked, ...]
    kept: int
    lines: int = 0
    folder: str = ""
    consent: str = ""

    @property
    def again(self) -> tuple[str, ...]:
        return tuple(sentence for one in self.checked for sentence in one.again)


@dataclass(frozen=True)
class Hearing:
    """What hears the words of a take: a recogniser, where one is there, and what tells a hidden word."""

    hidden: Hidden | None = None
    recogniser: Recogniser | None = None


def check_takes(script: Script, source: Path, heard: Hearing) -> tuple[Handed, list[tuple[Line, int, Sound]]]:
    """Return what is wrong with the takes in a folder, line by line, and those that are fit, with their sound.

    Raises VeilError when the folder holds no takes, or takes of lines that are not in the script.
    """
    files = numbered(source)
    if strange := sorted(set(files) - set(range(1, len(script.lines) + 1))):
        raise VeilError(
            f"the script has {len(script.lines)} lines, and there is a take of line {strange[0]}",
            "name each file by the number of its line in the newest script",
        )
    checked, fit = [], []
    for number, line in enumerate(script.lines, start=1):
        if number not in files:
            checked.append(missing(number))
            continue
        sound = hear_take(files[number])
        checked.append(check_take(number, line, sound, heard.recogniser, heard.hidden))
        if not checked[-1].again and sound is not None:
            fit.append((line, number, sound))
    return Handed(tuple(checked), len(fit), len(script.lines)), fit


@dataclass(frozen=True)
class Given:
    """What a volunteer hands in: a folder with one file a line, and the consent that they signed."""

    source: Path
    consent: Path


def take_in(plan: Plan, folder: CaseFolder, script: Script, given: Given, heard: Hearing) -> Handed:
    """Check the takes of a person's voice double and keep those that are fit, with the consent, beside the plan.

    Takes that were handed in before count as there. Raises VeilError when the consent does not hold.
    """
    consent = volunteer.read_voice_consent(given.consent, today(), plan.title)
    handed, fit = check_takes(script, given.source, heard)
    takes, agreed = f"takes-{script.speaker}", f"voice-{script.speaker}.toml"
    keep_takes(folder.path / takes, fit, consent)
    _keep_consent(given.consent, folder.path / agreed)
    double = VoiceDouble(folder.path / takes, kept=kept_takes(folder.path / takes))
    there = {number for number, line in enumerate(script.lines, start=1) if double.take_of(line) is not None}
    left = tuple(one for one in handed.checked if one != missing(one.number) or one.number not in there)
    return Handed(left, len(there), len(script.lines), takes, agreed)


def take_back(folder: CaseFolder, label: str) -> volunteer.Agreed:
    """Destroy the takes of a person's voice double, who wants their voice back; return what stays on record.

    With them goes the new sound that was made of them: the next cut makes it anew, of what the plan says then.
    """
    kept = destroy_takes(folder.path / f"takes-{label}")
    for path in sorted(folder.sound.rglob("*")):
        if path.is_file():
            path.write_bytes(bytes(path.stat().st_size))
            path.unlink()
    return kept


def _keep_consent(source: Path, kept: Path) -> None:
    if source.resolve() == kept.resolve():
        return
    draft = kept.with_suffix(".tmp")
    draft.write_bytes(source.read_bytes())
    draft.chmod(0o600)
    draft.replace(kept)


def recogniser_for(language: str) -> Recogniser | None:
    """Return what hears the words of a take, where a recogniser of the language ships; None elsewhere."""
    own = recogniser()
    if own.languages and language not in own.languages:
        return None

    def heard(sound: Sound) -> str | None:
        part = own.recognise(sound[: _MOST_HEARD_S * HEARING_HZ], language)
        return " ".join(word.text for word in part.words) if believed(part) else None

    return heard
