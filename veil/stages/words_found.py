"""Words found: everything in a film's words that names somebody or leads to them, with what becomes of each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from veil.disguise.words.aliases import Book, culture_of, draw, keys_of
from veil.disguise.words.coarser import coarser
from veil.disguise.words.contract import NAMING, TELLING, Alias, Find, Tongue
from veil.disguise.words.numbers import english_number, russian_number
from veil.disguise.words.patterns import plain_key, untangled
from veil.disguise.words.rare import Fact, combinations, suggestion, telling
from veil.disguise.words.rewording import Passage, also_hidden, passages
from veil.disguise.words.spelling import key_of, tokens
from veil.nouns.plan import Plan
from veil.nouns.speech import Phrase
from veil.nouns.time import clock
from veil.stages.names_file import Does, Entry, Names, merged

SWEPT = frozenset({*NAMING, "place", "other"})
"""What is hidden wherever its word stands, found there or not."""
_COVERED = frozenset({"phone", "address", "paper", "plate", "account", "other"})
_SELF = re.compile(
    r"\b(?:my name is|my name's|i am called|they call me|call me"
    r"|меня зовут|мо[её] имя|меня звать|зовите меня|называйте меня)\s*$",
    re.IGNORECASE,
)
Read = tuple[tuple[Passage, tuple[Find, ...]], ...]


@dataclass
class Search:
    """Goes through what is said once; `known` are a person's decisions, which nothing here changes."""

    plan: Plan
    phrases: tuple[Phrase, ...]
    language: str
    reader: Tongue | None
    known: Names
    book: Book
    _finds: dict[str, list[tuple[Find, str, str]]] = field(default_factory=dict)  # by key: find, said, place
    _facts: list[tuple[str, Fact]] = field(default_factory=list)
    _own: dict[str, str] = field(default_factory=dict)  # key of a name: the label of who said it is theirs

    def done(self) -> tuple[Names, Read]:
        """Return what names.toml is to say now, and what was found in which passage."""
        whole = passages(self.phrases)
        index = index_of(self.known.entries, self.reader)
        first = [(p, tuple(self.reader.find(p.text)) if self.reader else ()) for p in whole]
        first = [(p, with_told(p, found, self.known.entries, self.reader)) for p, found in first]
        hidden = {k: as_find(e, k) for k, e in index.items() if e.does != "kept" and e.kind in SWEPT}
        for passage, found in first:
            for find in found:
                key = self._key(find, passage, index)
                known = index.get(key)
                if find.kind in SWEPT and (known is None or known.does != "kept"):
                    hidden.setdefault(key, replace(find, key=key))
        read: list[tuple[Passage, tuple[Find, ...]]] = []
        for passage, found in first:
            every = also_hidden(passage, found, hidden, self.reader) if self.reader else found
            every = (*every, *(f for f in telling(passage.text, self.language) if not any(f.meets(o) for o in every)))
            keyed = tuple(replace(f, key=self._key(f, passage, index)) for f in sorted(every, key=lambda f: f.start))
            self._note(passage, keyed)
            read.append((passage, keyed))
        entries = self._entries(index)
        return Names(entries, self.known.read_by_hand, combinations(self._facts)), tuple(read)

    def _key(self, find: Find, passage: Passage, index: dict[str, Entry]) -> str:
        """Return the key under which a find is known already in any of its forms, else its own."""
        keys = keys_for(find, passage.text, self.reader)
        return next((k for k in keys if k in index), next((k for k in keys if k in self._finds), find.key))

    def _note(self, passage: Passage, found: Sequence[Find]) -> None:
        for find in found:
            said = passage.text[find.start : find.end]
            slot = next((s for s in passage.slots if s.end > find.start), passage.slots[0])
            place = f"{clock(self.phrases[slot.phrase].words[slot.word].span.start)} {passage.speaker}"
            self._finds.setdefault(find.key, []).append((find, said, place))
            if find.kind == "given name" and _SELF.search(passage.text[: find.start]):
                self._own.setdefault(find.key, passage.speaker)
            coarse = coarser(find, said, self.language)
            says = (coarse.form(self.language, "full") if coarse else "") or suggestion(find.kind, self.language)
            self._facts.append((passage.speaker, Fact(find.kind, said, says, place)))

    def _entries(self, index: dict[str, Entry]) -> tuple[Entry, ...]:
        """Return the entries that were there, brought up to date, then the new ones in order of time."""
        order = {id(e): e for e in self.known.entries}
        by_entry: dict[int, list[tuple[Find, str, str]]] = {id(e): [] for e in self.known.entries}
        new: dict[str, list[tuple[Find, str, str]]] = {}
        for key, rows in self._finds.items():
            if key in index:
                by_entry[id(index[key])] += rows
            else:
                new[key] = rows
        kept = [
            merged(order[i], _shown(rows)) if rows else replace(order[i], places=()) for i, rows in by_entry.items()
        ]
        real = {key_of(t.text) for p in self.phrases for w in p.words for t in tokens(w.text)} | set(self._finds)
        real |= {key_of(e.said) for e in self.known.entries}
        taken = {key_of(w) for e in kept for w in (e.becomes, e.short) if w} | self.book.taken()
        taken |= {key_of(r.alias) for r in (*self.plan.roles.values(), self.plan.others) if r.alias}
        culture = culture_of([f for rows in self._finds.values() for f, _, _ in rows])
        for key, rows in new.items():
            entry = self._new(key, rows, (taken, real), culture)
            taken |= {key_of(w) for w in (entry.becomes, entry.short) if w and entry.kind in SWEPT}
            kept.append(entry)
        return tuple(kept)

    def _new(self, key: str, rows: list[tuple[Find, str, str]], used: tuple[set[str], set[str]], culture: str) -> Entry:
        """Return the entry of something new, with what becomes of it until a person says otherwise."""
        find, said, _ = rows[0]
        shown = _shown(rows)
        who = self._own.get(key, "")
        does = _does(find)
        alias = None
        if does == "replaced":
            alias = self.book.alias_of(find.kind, key) or coarser(find, said, self.language)
            if alias is None and find.kind in {*NAMING, "place"}:
                alias = draw(find, self.plan.seed, used[0], used[1], culture)
                if alias is not None:
                    used[0].update(keys_of(alias))
                    self.book.keep(find.kind, key, alias)
        if does == "replaced" and alias is None:
            does = "covered"
        becomes = alias.form(self.language, "full") if alias else suggestion(find.kind, self.language)
        short = alias.form(self.language, "short") if alias and find.kind == "given name" else ""
        return replace(shown, does=does, becomes=becomes, short=short if short != becomes else "", who=who)


def _does(find: Find) -> Does:
    """Return what happens to something until a person says otherwise."""
    if find.kind in TELLING or (find.kind == "date" and find.type == "year"):
        return "kept"
    return "covered" if find.kind in _COVERED else "replaced"


def _shown(rows: list[tuple[Find, str, str]]) -> Entry:
    """Return an entry for finds of the same thing: how it is said, and where; what becomes of it is not in it."""
    find = next((f for f, _, _ in rows if f.part == "full"), rows[0][0])
    single = find.kind in {*NAMING, "place"} and len(tokens(find.base)) == 1
    said = find.base[:1].upper() + find.base[1:] if single else rows[0][1]
    also = tuple(dict.fromkeys(s for _, s, _ in rows if s != said))
    sex = next((f.sex for f, _, _ in rows if f.sex), find.sex) if find.kind in {"given name", "nickname"} else ""
    return Entry(said, find.kind, "covered", also=also, type=find.type, sex=sex, places=tuple(p for _, _, p in rows))


def index_of(entries: Sequence[Entry], reader: Tongue | None) -> dict[str, Entry]:
    """Return the entries by the keys of every form that they name."""
    index: dict[str, Entry] = {}
    for entry in entries:
        for said in (entry.said, *entry.also):
            words = tokens(said)
            if len(words) == 1 and reader is not None and entry.kind in SWEPT:
                index.setdefault(reader.forms(words[0].text)[0], entry)
            index.setdefault(plain_key(said), entry)
    return index


def keys_for(find: Find, text: str, reader: Tongue | None) -> tuple[str, ...]:
    """Return the keys under which a find may be known, its own first."""
    said = text[find.start : find.end]
    words = tokens(said)
    forms = reader.forms(words[0].text) if reader and len(words) == 1 and find.kind in SWEPT else ()
    return (find.key, *forms, plain_key(said))


def as_find(entry: Entry, key: str) -> Find:
    """Return an entry as something that may be found again."""
    return Find(0, 1, entry.kind, key, entry.said, sex=entry.sex, type=entry.type)


def with_told(
    passage: Passage, found: Sequence[Find], entries: Sequence[Entry], reader: Tongue | None
) -> tuple[Find, ...]:
    """Return what was found with what the entries name word for word; where a person's words are longer they count."""
    return untangled([*literal(passage, entries, reader), *found])


def literal(passage: Passage, entries: Sequence[Entry], reader: Tongue | None) -> Iterator[Find]:
    """Yield where what the entries name stands word for word in a passage, in any capitals."""
    for entry in entries:
        if entry.does == "kept":
            continue
        for said in dict.fromkeys((entry.said, *entry.also)):
            words = [re.escape(t.text) for t in tokens(said)]
            single = len(words) == 1 and reader is not None and entry.kind in SWEPT - {"other"}
            if not words or single:
                continue
            pattern = r"(?<!\w)" + r"[\W_]+".join(words) + r"(?!\w)"
            for match in re.finditer(pattern, passage.text, re.IGNORECASE):
                if entry.kind != "age" or not _among_numbers(passage.text, *match.span()):
                    yield replace(as_find(entry, plain_key(said)), start=match.start(), end=match.end())


def _among_numbers(text: str, start: int, end: int) -> bool:
    """Tell whether a number stands beside characters of a text: a year said in words is nobody's age."""
    beside = (*tokens(text[:start])[-1:], *tokens(text[end:])[:1])
    return any(number(word.low) is not None for word in beside for number in (english_number, russian_number))


def alias_of(entry: Entry, plan: Plan) -> Alias | None:
    """Return what the plan calls the person whose own name an entry is, None where it says nothing."""
    called = plan.role_of(entry.who).alias.split() if entry.who and entry.who in plan.roles else []
    if not called or entry.kind not in NAMING:
        return None
    name = called[-1] if entry.kind == "surname" and len(called) > 1 else called[0]
    return Alias(name, name) if entry.kind in {"given name", "nickname"} or len(called) > 1 else None
