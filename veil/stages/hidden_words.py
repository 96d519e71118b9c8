"""Does a hidden word stand in a text that is to be published? Asked of every text that leaves, by what names.toml says.

It is asked again although the words were reworded before: this is the last look at what goes out.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from veil.disguise.words.contract import Tongue, tongue
from veil.disguise.words.rewording import Passage, also_hidden
from veil.disguise.words.spelling import INVISIBLE, tokens
from veil.errors import Exposed, VeilError
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard, Transcript
from veil.nouns.time import Instant, clock
from veil.stages.captions import Speaking
from veil.stages.case import Case, CaseFolder
from veil.stages.names_file import Entry
from veil.stages.translation import Rename
from veil.stages.words import review, reworded_line
from veil.stages.words_found import SWEPT, as_find, index_of, literal

Hidden = Callable[[str], bool]
"""Tells whether a word that must be hidden stands in a text, in any of its forms."""

_PARTED = re.compile(rf"{INVISIBLE.pattern}|[-‐‑]\s*\n\s*")  # invisible, or only there to break a line
_AROUND = 3  # lines
LANGUAGES = "en", "ru"  # names cross from one into the other


def wording(case: Case, plan: Plan, folder: CaseFolder, heard: Heard) -> tuple[Hidden, Rename]:
    """Return what tells whether a hidden word stands in a text, and what replaces the names in a translation."""
    done = review(case, plan, folder, heard)

    def rename(text: str, language: str) -> str:
        said = reworded_line(text, language, done, plan)
        if said is None:
            raise VeilError(
                "nobody here finds names in the language of the translation",
                "replace the names in it yourself, as names.toml has them, and add --read",
            )
        return said

    return hidden_among(done.entries, [tongue(code) for code in dict.fromkeys((done.language, *LANGUAGES))]), rename


def hidden_among(entries: Sequence[Entry], readers: Sequence[Tongue | None]) -> Hidden:
    """Return what tells whether something that `entries` hide stands in a text, in the forms that `readers` know."""
    # A number that was an age somewhere names nobody elsewhere: nineteen people, under eighteen, in 2016.
    gone = [entry for entry in entries if entry.does != "kept" and entry.kind != "age" and not _stays(entry)]
    known = [
        (reader, {key: as_find(e, key) for key, e in index_of(gone, reader).items() if e.kind in SWEPT})
        for reader in readers
        if reader is not None
    ]

    def hidden(text: str) -> bool:
        passage = Passage(text, (), "")
        if not known:
            return any(True for _ in literal(passage, gone, None))
        # One word is left to the readers: they know the hope from Hope.
        return any(
            also_hidden(replace(passage, text=_own(text, reader)), (), keys, reader)
            or any(True for _ in literal(passage, gone, reader))
            for reader, keys in known
        )

    return hidden


def forms(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as a reader puts it together."""
    yield text
    yield " ".join(_PARTED.sub("", unicodedata.normalize("NFKC", text)).split())


def standing(texts: Sequence[str], hidden: Hidden) -> Iterator[int]:
    """Yield which of some lines in a row a hidden word stands in.

    Each is read with its neighbours: a line of small letters in a film with capitals may hope, and name no Hope.
    """
    for index, text in enumerate(texts):
        around = " ".join(texts[max(0, index - _AROUND) : index + _AROUND + 1])
        if any(hidden(form) for form in forms(text)) and any(hidden(form) for form in forms(around)):
            yield index


def check_transcript(transcript: Transcript, hidden: Hidden) -> None:
    """Raise Exposed when a hidden word would be said anew; the error says where, never what."""
    for index in standing([phrase.said for phrase in transcript.phrases], hidden):
        raise _exposed(transcript.phrases[index].span.start)


def check_lines(lines: Sequence[Speaking], hidden: Hidden) -> None:
    """Raise Exposed when a hidden word would be written; the error says where, never what."""
    for index in standing([" ".join(p.text for p in line.pieces) for line in lines], hidden):
        raise _exposed(lines[index].span.start)
    whole = " ".join(p.text for line in lines for p in line.pieces)
    if any(hidden(form) for form in forms(whole)):
        raise Exposed("a hidden word would stand in the subtitles, over two phrases", "look at it in names.toml")


def _exposed(at: Instant) -> Exposed:
    return Exposed(
        f"a hidden word would stand in the transcript at {clock(at)}",
        "look there in transcript.txt, names.toml and the translation, and say what it becomes",
    )


def _own(text: str, reader: Tongue) -> str:
    """Return a text with spaces for words in the other script: this reader does not know which are ordinary there."""
    other = {"en": r"[\u0400-\u052f]", "ru": r"[A-Za-z\u00c0-\u024f]"}.get(reader.code)
    return re.sub(other, " ", text) if other else text


def _stays(entry: Entry) -> bool:
    """Tell whether what an entry says may stand in what becomes of it: "30" in "about 30", but no name."""
    return (
        entry.kind not in SWEPT and _pattern(entry.said).search(entry.becomes) is not None
        if entry.becomes and tokens(entry.said)
        else False
    )


def _pattern(said: str) -> re.Pattern[str]:
    words = [re.escape(token.text) for token in tokens(said)]
    return re.compile(r"(?<!\w)" + r"[\W_]+".join(words) + r"(?!\w)", re.IGNORECASE)
