"""Words: what is said, with other names: finds what names people, asks names.toml, and rewords the transcript."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from veil.disguise.words.aliases import counterpart, read_book
from veil.disguise.words.coarser import COVERED, coarser, in_language
from veil.disguise.words.contract import NAMING, TELLING, Find, Tongue, tongue
from veil.disguise.words.rare import Combination
from veil.disguise.words.rewording import also_hidden, passages
from veil.disguise.words.rewording import reworded as with_edits
from veil.disguise.words.spelling import INVISIBLE, key_of, tokens
from veil.errors import VeilError
from veil.nouns.plan import Plan
from veil.nouns.speech import Heard, Phrase, Transcript, Word
from veil.nouns.time import Span, clock
from veil.stages.case import Case, CaseFolder
from veil.stages.heard import language_of
from veil.stages.names_file import Entry, Names, load_names, save_names
from veil.stages.scene import surveyed
from veil.stages.words_found import SWEPT, Read, Search, alias_of, as_find, index_of, keys_for, with_told


@dataclass(frozen=True)
class Review:
    """What was found in a film and what becomes of it: the content of names.toml, and remarks for the user."""

    names: Names
    remarks: tuple[str, ...]
    read: Read
    language: str

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.names.entries

    @property
    def together(self) -> tuple[Combination, ...]:
        return self.names.together


def review(case: Case, plan: Plan, folder: CaseFolder, heard: Heard, book: Path | None = None) -> Review:
    """Find everything that names somebody; bring names.toml up to date, keeping what a person decided in it.

    `book` is the file of aliases that are kept through several films; see `veil.disguise.words.aliases` before you
    use one. Raises VeilError where names.toml or the book is damaged.
    """
    heard = _plain(heard)
    language = language_of(plan.language, heard)
    reader = tongue(language)
    known = load_names(folder.names)
    kept = read_book(book)
    names, read = Search(plan, heard.transcript.phrases, language, reader, known, kept).done()
    if book is not None:
        kept.write(book)
    aliases = (*clashes(names.entries, plan), *_doubled(names.entries, plan))
    remarks = (*aliases, *_remarks(names, heard, reader), *_pictured(case, folder))
    save_names(folder.names, names, remarks)
    return Review(names, remarks, read, language)


def reworded(case: Case, plan: Plan, folder: CaseFolder, heard: Heard, book: Path | None = None) -> Transcript:
    """Return the transcript with aliases in place, and everything else as names.toml says; new finds are hidden too.

    A covered word is `COVERED`: it has no letter, subtitles show it, a voice is silent for it. In a language that
    nobody here reads every word is covered until a person says in names.toml that they have read it. Raises VeilError
    where an alias is a name that the film hides.
    """
    done = review(case, plan, folder, heard, book)
    for clash in clashes(done.entries, plan):
        raise VeilError(clash, "change it there; `veil words` shows each entry's number and places")
    heard = _plain(heard)
    phrases = heard.transcript.phrases
    reader = tongue(done.language)
    if reader is None and not done.names.read_by_hand:
        return replace(heard.transcript, language=done.language, phrases=tuple(p.renamed(_nothing(p)) for p in phrases))
    index = index_of(done.entries, reader)
    return replace(
        heard.transcript,
        language=done.language,
        phrases=with_edits(
            phrases, done.read, lambda text, find: _instead(text, find, index, _Told(plan, done.language, reader))
        ),
    )


def reworded_line(text: str, language: str, done: Review, plan: Plan) -> str | None:
    """Return one line of a translation with the same aliases; None where nobody here reads its language.

    What is found in it and is not in names.toml is said coarser, or covered.
    """
    reader = tongue(language)
    if reader is None:
        return None
    nowhen = Span(Fraction(0), Fraction(0))
    phrase = Phrase("", nowhen, tuple(Word(t, nowhen) for t in text.split()))
    index = index_of(done.entries, reader)
    hidden = {k: as_find(e, k) for k, e in index.items() if e.does != "kept" and e.kind in SWEPT}
    told = _Told(plan, language, reader)

    def instead(whole: str, find: Find) -> str | None:
        if any(k in index for k in keys_for(find, whole, reader)):
            return _instead(whole, find, index, told)
        if find.kind == "date" and find.type == "year":
            return None
        alias = coarser(find, whole[find.start : find.end], language)
        said = alias.form(language, "full") if alias else ""
        return reader.place_in(whole, find, said) if said else COVERED

    found = [(p, with_told(p, reader.find(p.text), done.entries, reader)) for p in passages([phrase])]
    read = [(p, also_hidden(p, finds, hidden, reader)) for p, finds in found]
    return with_edits([phrase], read, instead)[0].said


@dataclass(frozen=True)
class _Told:
    """What decides how an alias is written, beside its entry."""

    plan: Plan
    language: str
    reader: Tongue | None


def _instead(text: str, find: Find, index: dict[str, Entry], told: _Told) -> str | None:
    """Return what stands in the place of a find, None where it is kept; what no entry speaks of is covered."""
    entry = next((index[k] for k in keys_for(find, text, told.reader) if k in index), None)
    if entry is None:
        return None if find.kind in TELLING else COVERED
    if entry.does == "kept":
        return None
    called = alias_of(entry, told.plan)
    if entry.does == "covered" or (not entry.becomes and called is None):
        return COVERED
    short = entry.short if find.part == "short" else ""
    name = called.form(told.language, "full") if called else short or entry.becomes
    if entry.kind in {*NAMING, "place"} and " " not in name and not name.islower():
        name = counterpart(name, told.language)
    name = in_language(name, told.language)
    if told.reader is None:
        return name
    sex = find.sex if find.kind in {"surname", "patronymic"} else entry.sex or find.sex
    return told.reader.place_in(text, replace(find, kind=entry.kind, sex=sex), name)


def clashes(entries: Sequence[Entry], plan: Plan) -> tuple[str, ...]:
    """Say which aliases, of names.toml and of the plan, are names that the film hides; no name stands in it."""
    readers = [reader for code in ("en", "ru") if (reader := tongue(code)) is not None]
    gone = [e for e in entries if e.does != "kept" and e.kind in NAMING]
    hidden = {key for reader in readers for key in index_of(gone, reader)}

    def named(text: str) -> bool:
        words = [t.text for t in tokens(text) if t.capital]
        return any(key in hidden for w in words for key in (key_of(w), *(r.forms(w)[0] for r in readers)))

    found = [
        f"entry {number} of names.toml becomes a name that this film hides"
        for number, e in enumerate(entries, 1)
        if e.does == "replaced" and e.kind in NAMING and (named(e.becomes) or named(e.short))
    ]
    told: dict[tuple[str, ...], int] = {}
    for number, e in enumerate(entries, 1):
        other = told.setdefault(tuple(key_of(t.text) for t in tokens(e.said)), number)
        if entries[other - 1].does != e.does:
            found.append(f"entries {other} and {number} of names.toml say different things of one word")
    aliases = [label for label, role in sorted(plan.roles.items()) if named(role.alias)]
    return (*(f"the alias of {label} in plan.toml is a name that this film hides" for label in aliases), *found)


def _plain(heard: Heard) -> Heard:
    """Return what was heard with letters as everybody writes them: no name hides behind what cannot be seen."""
    phrases = tuple(
        p.renamed(tuple(replace(w, text=unicodedata.normalize("NFC", INVISIBLE.sub("", w.text))) for w in p.words))
        for p in heard.transcript.phrases
    )
    return replace(heard, transcript=replace(heard.transcript, phrases=phrases))


def _doubled(entries: Sequence[Entry], plan: Plan) -> tuple[str, ...]:
    """Say which entries become the same name, or the alias of somebody else in the plan."""
    called: dict[str, str] = {role.alias.casefold(): f"the alias of {who}" for who, role in plan.roles.items()}
    remarks = []
    for number, e in enumerate(entries, 1):
        if e.does != "replaced" or e.kind not in {"given name", "nickname"} or alias_of(e, plan):
            continue
        other = called.setdefault(e.becomes.casefold(), f"entry {number}") if e.becomes else f"entry {number}"
        if other != f"entry {number}":
            remarks.append(f"entry {number} becomes the same name as {other}: two people are called alike")
    return tuple(remarks)


def _nothing(phrase: Phrase) -> tuple[Word, ...]:
    return tuple(replace(word, text=COVERED) for word in phrase.words[:1])


def _remarks(names: Names, heard: Heard, reader: Tongue | None) -> tuple[str, ...]:
    """Return what the person who reviews should know, without a word of the film."""
    remarks = []
    if reader is None:
        remarks.append("this language is read by nobody here: all words are covered until read_by_hand is true")
    if not heard.transcript.phrases:
        remarks.append("nothing is known of what is said: run `veil hear` first")
    waiting = sum(not e.accepted for e in names.entries)
    if waiting:
        remarks.append(f"{waiting} of {len(names.entries)} entries are not accepted yet")
    ordinary = sum(
        1 for e in names.entries
        if reader and e.kind in NAMING and e.does != "kept" and reader.ordinary(e.said.lower())
    )  # fmt: skip
    if ordinary:
        some = "1 name is an ordinary word" if ordinary == 1 else f"{ordinary} names are ordinary words"
        remarks.append(f"{some} too: look at each of the places")
    if names.together:
        some = "1 speaker tells" if len(names.together) == 1 else f"{len(names.together)} speakers tell"
        remarks.append(f"{some} what may together fit one person only: see [[together]] in names.toml")
    return tuple(remarks)


def _pictured(case: Case, folder: CaseFolder) -> tuple[str, ...]:
    """Return where writing stands in the picture, which Veil finds and does not read."""
    scene = surveyed(case, folder)
    if scene is None:
        return ("the picture was not searched for writing: run `veil scene`, names may stand there too",)
    times = [clock(t.start) for t in scene.things if t.found]
    if not times:
        return ("no writing was found in the picture",)
    shown = ", ".join(times[:8]) + (f" and {len(times) - 8} more" if len(times) > 8 else "")
    return (f"writing stands in the picture at {shown}: Veil does not read it, look whether a name is there",)
