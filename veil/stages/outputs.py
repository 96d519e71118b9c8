"""Outputs: what is written beside a finished film: disguised transcript, subtitles, a record for its publication.

All of it passes one gate: where a hidden word would stand in any of it, nothing is written.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from veil.disguise.words.aliases import counterpart
from veil.errors import Exposed, VeilError
from veil.media import probe
from veil.nouns.plan import Plan
from veil.nouns.publication import Publication
from veil.nouns.speech import Placed, Transcript
from veil.nouns.time import clock
from veil.stages.caption_files import as_srt, as_vtt
from veil.stages.captions import HURRIED, Speaking, captions
from veil.stages.case import Case
from veil.stages.hidden_words import Hidden, check_lines, forms
from veil.stages.publication import Shown, as_jsonld, attribution, disclosure_sentence
from veil.stages.said import names_of, said_in
from veil.stages.signing import disguises
from veil.stages.translation import Rename, Translation, aligned

_REMARKS = {
    "en": "Names and other words that could lead to somebody are changed.",
    "ru": "Имена и другие слова, которые могли бы кого-то выдать, изменены.",
}


@dataclass(frozen=True)
class Told:
    """What the outputs are made of: disguised words, and when they are heard in the result."""

    transcript: Transcript
    hidden: Hidden
    placed: tuple[Placed, ...] = ()
    publication: Publication = field(default_factory=Publication)
    translation: Translation | None = None
    rename: Rename = lambda text, language: text  # noqa: ARG005  where the plan gives nobody another name


@dataclass(frozen=True)
class Written:
    """The files that were written, and how many subtitles must be read faster than is comfortable."""

    paths: tuple[Path, ...]
    hurried: int


def outputs(
    case: Case, plan: Plan, told: Told, result: Path, *, film: Path | None = None, again: bool = False
) -> Written:
    """Write transcript, subtitles and record beside `result`: all of them or none.

    `film` is where the result lies while it has no name yet. Raises Exposed when a hidden word would stand in one,
    VeilError when other files of these names are there and not `again`, or they cannot be written.
    """
    said = said_in(plan, told.transcript, told.placed)
    names = names_of(plan, said)
    language = told.transcript.language or plan.language
    sets: dict[str, tuple[Speaking, ...]] = {"": said}
    if told.translation is not None:
        sets[f".{told.translation.language}"] = aligned(told.translation, said, told.rename)
    files: dict[Path, str] = {}
    hurried = 0
    for tail, lines in sets.items():
        spoken = told.translation.language if tail and told.translation else language
        shown = captions(lines, names if len(set(names)) > 1 else None)
        called = {who: name_in(name, spoken) for who, name in names.items()}
        files[_beside(result, f"{tail}.txt")] = as_text(lines, called, spoken)
        hurried += sum(c.letters_a_second > HURRIED + 0.5 for c in shown)
        if plan.subtitles != "left out":
            files[_beside(result, f"{tail}.srt")] = as_srt(shown, called)
            files[_beside(result, f"{tail}.vtt")] = as_vtt(shown, called, spoken)
        check_lines(lines, told.hidden)
    record = Shown(
        probe(film or result).length_s,
        language,
        "\n".join(_lines(said, names)),
        tuple(code for code in (language, *([told.translation.language] if told.translation else ())) if code),
        plan.subtitles,
        tuple(dict.fromkeys(role.alias for _, role in sorted(plan.roles.items()) if role.alias)),
        disclosure_sentence(plan) if disguises(case, plan) or told.placed else "",
    )
    files[_beside(result, ".jsonld")] = as_jsonld(told.publication, record)
    _check_names((*names.values(), *record.aliases), told)
    _check_originals(files, _secrets(case))
    _write(files, again=again)
    return Written(tuple(files), hurried)


def name_in(name: str, language: str) -> str:
    """Return the name under which somebody appears as it is written in a language."""
    return " ".join(counterpart(part, language) for part in name.split()) if language in {"en", "ru"} else name


def as_text(said: Sequence[Speaking], names: Mapping[str, str], language: str) -> str:
    """Return the disguised transcript as a file: who says what, from when on."""
    head = [f"language: {language}"] if language else []
    head += [_REMARKS.get(language, _REMARKS["en"])]
    head += [attribution(alias) for alias in sorted({name for who, name in names.items() if name != who})]
    return "\n".join([*head, "", *_lines(said, names)]) + "\n"


def _lines(said: Sequence[Speaking], names: Mapping[str, str]) -> list[str]:
    lines = []
    for one in said:
        name = names.get(one.speaker, one.speaker)
        who = f"{name}: " if name else ""
        lines.append(f"[{clock(one.span.start)[:-4]}] {who}{' '.join(p.text for p in one.pieces)}")
    return lines


# ── the gate ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_names(names: Sequence[str], told: Told) -> None:
    """Raise Exposed when a hidden word is an alias, or stands in what the publisher says of the film."""
    own = told.publication
    texts = (own.title, own.description, own.section, own.identifier, own.address, own.publisher)
    for where, told_there in (("[publication] in plan.toml", texts), ("the aliases in plan.toml", names)):
        if any(told.hidden(form) for text in told_there for form in forms(text)):
            raise Exposed(f"a hidden word would be told by {where}", f"look at {where} and at names.toml")


def _check_originals(files: Mapping[Path, str], secrets: Sequence[str]) -> None:
    for path, text in files.items():
        if any(re.search(rf"(?<!\w){re.escape(secret)}", text, re.IGNORECASE) for secret in secrets):
            raise Exposed(
                f"the {_KINDS[path.suffix]} would tell of the original film",
                "take the name of its file out of [publication] and the aliases",
            )


_KINDS = {".txt": "transcript", ".srt": "subtitles", ".vtt": "subtitles", ".jsonld": "publication record"}


def _secrets(case: Case) -> tuple[str, ...]:
    """Return what must stand nowhere: checksum and name of the original, but for a plain word or number."""
    film = case.film.path
    plain = film.stem.isalpha() or film.stem.isdigit() or len(film.stem) < 4
    named = (film.name,) if plain else (film.name, film.stem)
    return tuple(secret for secret in (case.film.fingerprint[:16], *named) if secret)


# ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def beside(result: Path) -> list[Path]:
    """Return the files in the film's own language that are written beside a result."""
    return [_beside(result, kind) for kind in _KINDS]


def _beside(result: Path, tail: str) -> Path:
    return result.with_name(result.stem + tail)


def _write(files: Mapping[Path, str], *, again: bool) -> None:
    """Write all files, each whole; nothing where one of them is somebody's work already."""
    if not again and any(path.exists() and not _same(path, text) for path, text in files.items()):
        raise VeilError("there are other subtitles or records beside the result", "move them away, or add --again")
    drafts = {path: path.with_name(f"{path.name}.part") for path in files}
    try:
        for path, text in files.items():
            drafts[path].write_text(text, "utf-8", newline="\n")
        for path, draft in drafts.items():
            os.replace(draft, path)
    except OSError as error:
        raise VeilError("what belongs to the film cannot be written beside it", "make room, or move it") from error
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _same(path: Path, text: str) -> bool:
    try:
        return path.read_text("utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False
