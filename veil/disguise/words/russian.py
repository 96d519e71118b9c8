"""Russian: finds names, places and employers with slovnet's net, pymorphy's dictionary, shapes and cues.

Aliases are put in the right case by `veil.disguise.words.agreement`.

slovnet knows nothing without capitals: words that the dictionary knows as names get one before it is asked. Cases are
read from the word's own form and from the words before it; where both leave a choice, slovnet's morphology decides.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from veil.disguise.words import gazetteer
from veil.disguise.words.agreement import Grammar, agreed
from veil.disguise.words.contract import Find, Kind, Part, Sex
from veil.disguise.words.cues_ru import CALLED, KIN, NICK, PLACE_BEFORE, head_of, organisations
from veil.disguise.words.declension import CASES
from veil.disguise.words.declension import name as name_cases
from veil.disguise.words.patterns import joined_places, shaped, untangled, with_initials, without_initials
from veil.disguise.words.shapes_ru import RUSSIAN
from veil.disguise.words.spelling import Token, cased_words, key_of, like, tokens
from veil.models.packages import packaged_paths

_NAMING = {"Name": "given name", "Surn": "surname", "Patr": "patronymic", "Geox": "place"}
_PATRONYMIC = re.compile(r".{2,}(?:ович|евич|овн|евн|ичн)(?:|а|у|ем|е|ы|ой|ей)$")
_SURNAME = re.compile(r".{2,}(?:[оеё]в|ин|ск)(?:|а|у|ым|е|ой|ы|ых|ым|ыми|ий|ого|ому|им|ом|ая|ую|ие|их|ими)$")
OF_TOWN = "of a town"
_LOCAL = {
    "ий": "ый", "ого": "ого", "ому": "ому", "им": "ым", "ом": "ом", "ая": "ая", "ой": "ой", "ую": "ую", "ое": "ое",
    "ие": "ые", "их": "ых", "ими": "ыми",
}  # fmt: skip
_OF_TOWN = re.compile(rf"(.{{3,}})ск({'|'.join(_LOCAL)})")
_SURE = 0.75  # so much of what a word may mean is a name: it is one without a capital
_OWNED = re.compile(r"(.{2,})ин(?:а|о|ы|ого|ой|ому|у|ым|ом|ых|ыми)?")


class Russian:
    """Reads Russian. One instance serves any number of films; the nets belong to one thread."""

    code = "ru"

    def __init__(self) -> None:
        self._net = _net()
        self._grammar = Grammar(_morphology())

    def find(self, text: str) -> tuple[Find, ...]:
        """Return what is found, in order, without overlaps."""
        words = tokens(text)
        cased = cased_words(text, words)
        first = _sentence_starts(text, words)
        suspects = [self._suspect(words, i, i in first, cased[i]) for i in range(len(words))]
        shown = _titled(text, words, ["" if c else s for s, c in zip(suspects, cased, strict=True)])
        entities = [(s.start, s.stop, s.type) for s in self._net(shown).spans] if shown.strip() else []
        labels = [next((t for a, b, t in entities if a <= w.start < b), "") for w in words]
        names = [suspects[i] == "sure" or (suspects[i] == "perhaps" and bool(labels[i])) for i in range(len(words))]
        names = [n or (bool(label) and w.capital and w.low not in _allowed() and self._nameable(w.low)
                       and (i not in first or _share(w.low)[0] > 0 or not _share(w.low)[1]))
                 for i, (n, w, label) in enumerate(zip(names, words, labels, strict=True))]  # fmt: skip
        found = shaped(text, RUSSIAN) + organisations(text) + _employers(text, words, entities)
        taken = list(untangled(found))
        finds = [self._named(words, i, labels[i], names) for i in range(len(words)) if names[i]]
        finds = joined_places(text, [f for f in finds if not any(f.meets(t) for t in taken)])
        return untangled([*with_initials(text, finds), *taken, *_of_towns(words)])

    def forms(self, word: str) -> tuple[str, ...]:
        """Return the keys of everything whose form the word may be."""
        return tuple(dict.fromkeys(_cluster(key_of(base)) for base in self._bases(word)))

    def ordinary(self, word: str) -> bool:
        """Tell whether a word without a capital is in the dictionary as something that is no name."""
        share, known = _share(word.lower().replace("ё", "е"))
        return known and share < _SURE

    def bare(self, word: str) -> bool:
        """Tell whether a word only holds sentences together, or does something: it can be nobody."""
        low = word.lower().replace("ё", "е")
        if low in _allowed() or len(low) < 2:
            return True
        parses = [p for p in _parses(low) if p.is_known]
        return bool(parses) and _share(low)[0] < 0.02 and parses[0].tag.POS not in {"NOUN", "ADJF"}

    def place_in(self, text: str, find: Find, alias: str) -> str:
        """Return the alias in the case, number and sex of what it stands for."""
        if local := _OF_TOWN.fullmatch(text[find.start : find.end].lower()) if find.type == OF_TOWN else None:
            return like("местн" + _LOCAL[local[2]], text[find.start : find.end])
        return agreed(self._grammar, *without_initials(text, find), alias)

    def _suspect(self, words: Sequence[Token], i: int, first: bool, cased: bool) -> str:
        """Return "sure" where a word is a name, "perhaps" where the net has to say so, else ""."""
        word = words[i]
        low = word.low
        touches = i > 0 and word.start - words[i - 1].end == 1
        beside = touches and words[i - 1].low in KIN
        if beside and len(low) > 2 and self._in_lists(low) and (word.capital or not cased):
            return "sure"
        if len(low) < 2 or not re.search("[а-яё]", low) or low in _allowed():
            return self._foreign(words, i, first, cased)
        called = CALLED.search(" ".join(w.low for w in words[max(0, i - 4) : i]))
        share, known = self._share(low)
        cued = bool(called) and touches and words[i - 1].low != "меня" and self._nameable(low)
        if cased:
            if not word.capital:
                return ""
            if not first:
                return "sure" if len(low) > 2 or known else "perhaps"
            listed = (share > 0.1 and self._in_lists(low)) or _owners(low) or (not known and self._in_lists(low))
            return "sure" if share >= _SURE or cued or listed else "perhaps" if share > 0 or not known else ""
        if cued or share >= _SURE or (word.capital and not first):
            return "sure"
        noun = _parses(low)[0].tag.POS in {"NOUN", "ADJF"}
        if share > 0 and ((beside and noun) or (self._place(low) and i > 0 and words[i - 1].low in PLACE_BEFORE)):
            return "sure"
        if share > 0.02 and self._next_to_name(words, i):
            return "sure"
        if not known and len(low) > 2:
            return "sure" if self._in_lists(low) or beside or len(low) > 3 else "perhaps"
        of_a_person = touches and words[i - 1].low in {"с", "со", "у", "к", "ко", "про"}
        if of_a_person and share >= 0.2 and _SURNAME.match(low):
            return "sure"
        return "sure" if self._in_lists(low) and share >= (0.1 if of_a_person else 0.3) else ""

    def _foreign(self, words: Sequence[Token], i: int, first: bool, cased: bool) -> str:
        word = words[i]
        latin = re.fullmatch(r"[A-Za-z][A-Za-z'’-]+", word.text)
        if not latin or word.low in _allowed() or len(word.low) < 3:
            return ""
        return "sure" if (word.capital and not first) or not cased else ""

    def _next_to_name(self, words: Sequence[Token], i: int) -> bool:
        for j in (i - 1, i + 1):
            if 0 <= j < len(words) and (_PATRONYMIC.match(words[j].low) or self._share(words[j].low)[0] >= _SURE):
                gap = words[max(i, j)].start - words[min(i, j)].end
                if gap <= 1 and self._share(words[j].low)[1]:
                    return True
        return False

    def _share(self, low: str) -> tuple[float, bool]:
        """Return how much of what a word may mean is a name, 0 to 1, and whether the dictionary has the word."""
        return _share(low)

    def _place(self, low: str) -> bool:
        return any("Geox" in p.tag for p in _parses(low)) or any(key_of(b) in gazetteer.places() for b in _stems(low))

    def _in_lists(self, low: str) -> bool:
        return any(
            key_of(base) in gazetteer.given_names() or key_of(base) in gazetteer.places() for base in self._bases(low)
        )

    def _nameable(self, low: str) -> bool:
        """Tell whether a word is a noun, an adjective, or in no dictionary: what somebody may be called."""
        parses = _parses(low)
        return len(low) > 2 and (
            not parses[0].is_known or any(p.tag.POS in {"NOUN", "ADJF"} and "Apro" not in p.tag for p in parses)
        )

    def _bases(self, word: str) -> tuple[str, ...]:
        """Return the first forms that a word may have, the likeliest first: as the dictionary says, then by endings."""
        low = word.lower().replace("ё", "е")
        family = _SURNAME.match(low) and key_of(low) not in gazetteer.given_names()
        named = [
            p.normal_form for p in _parses(low)
            if any(t in p.tag for t in _NAMING) and p.is_known and not (family and "Name" in p.tag and "plur" in p.tag)
        ]  # fmt: skip
        listed = [b for b in _stems(low) if key_of(b) in gazetteer.given_names() or key_of(b) in gazetteer.places()]
        rest = [] if named or listed else _stems(low)
        return tuple(dict.fromkeys([*(_manly(b) for b in (*listed, *named)), *rest, low]))

    def _named(self, words: Sequence[Token], i: int, label: str, names: Sequence[bool]) -> Find:
        """Return the find of one word that is a name, or a part of one."""
        word = words[i]
        if owner := _owner(words, i, names):
            own = gazetteer.given_names()[key_of(owner)]
            return Find(word.start, word.end, "given name", own.key, owner, own.part, own.sex, own.culture)
        follows = i > 0 and names[i - 1] and word.start - words[i - 1].end <= 1
        before = words[i - 1].low if i else ""
        kind = self._kind(word.low, label, before, follows)
        base = self._base_of(word.low, kind)
        key = key_of(base)
        known = gazetteer.given_names().get(key)
        if kind == "place":
            where, key, full = gazetteer.places().get(key, ("town", key, base))
            return Find(word.start, word.end, kind, key, full.lower(), type=where)
        if kind == "given name":
            told = " ".join(w.low for w in words[max(0, i - 4) : i])
            if NICK.search(told) and not known:
                kind = "nickname"
            part: Part = known.part if known else "full"
            sex: Sex = known.sex if known else self._sex(word.low, base)
            return Find(
                word.start, word.end, kind, known.key if known else key, base, part, sex, known.culture if known else ""
            )
        return Find(word.start, word.end, kind, key, base, sex=self._sex(word.low, base))

    def _kind(self, low: str, label: str, before: str, follows: bool) -> Kind:
        family = _SURNAME.match(low) and key_of(low) not in gazetteer.given_names()
        tags = {
            t for p in _parses(low) if p.is_known for t in _NAMING
            if t in p.tag and not (family and t == "Name" and "plur" in p.tag)
        }  # fmt: skip
        listed = {key_of(b) for b in _stems(low)}
        if _PATRONYMIC.match(low) and (follows or "Patr" in tags or not tags):
            return "patronymic"
        in_places, in_names = listed & gazetteer.places().keys(), listed & gazetteer.given_names().keys()
        unsure = tags & {"Name", "Surn"} and not label and before not in PLACE_BEFORE
        if in_places and not in_names and not tags & {"Name", "Surn"} and not follows:
            return "place"
        if (in_places or "Geox" in tags) and label != "PER" and not follows and not unsure:
            return "place"
        family_too = follows and not in_names and (_SURNAME.match(low) or ("Surn" in tags and "Name" not in tags))
        if (in_names or "Name" in tags) and not family_too:
            return "given name"
        if "Surn" in tags or (_SURNAME.match(low) and (follows or label == "PER")):
            return "surname"
        if label == "LOC" or (before in PLACE_BEFORE and label != "PER"):
            return "place"
        return "surname" if follows else "given name"

    def _base_of(self, low: str, kind: Kind) -> str:
        """Return the first form of a word that is of a kind; of a surname or patronymic the man's."""
        tag = {"given name": "Name", "surname": "Surn", "patronymic": "Patr", "place": "Geox"}[kind]
        known = gazetteer.places() if kind == "place" else gazetteer.given_names()
        if kind in {"given name", "place"}:
            for base in _stems(low):
                if key_of(base) in known:
                    return base
        for parse in _parses(low):
            if tag in parse.tag and parse.is_known:
                return _manly(str(parse.normal_form))
        if kind in {"surname", "patronymic"}:
            return _manly(_bare_surname(low))
        stems = _stems(low)
        return next((p.normal_form for p in _parses(low) if "NOUN" in p.tag and p.normal_form in stems), stems[0])

    def _sex(self, low: str, base: str) -> Sex:
        """Return whose name it is, by its own form: «Петровой» is a woman's."""
        if re.search(r"(?:[оеё]в|ин)(?:а|ой|у)$|ск(?:ая|ой|ую)$|[оеё]вн\w+$|ичн\w+$", low):
            return "woman" if not re.search(r"(?:[оеё]в|ин)[ау]$", low) else ""
        genders = [p.tag.gender for p in _parses(low) if "Name" in p.tag and p.is_known]
        if genders:
            return "woman" if genders[0] == "femn" else "man"
        return "woman" if base.endswith(("а", "я", "ат")) else "man"


def _of_towns(words: Sequence[Token]) -> list[Find]:
    """Return the adjectives that a town gives: «грозненский», «махачкалинская»; they become «местный», «местная»."""
    found = []
    for word in words:
        match = _OF_TOWN.fullmatch(word.low)
        if match is None or word.low in _allowed():
            continue
        stems = {match[1], match[1].rstrip("ь"), re.sub(r"(?:[ое]в|[еи]н|н|в)$", "", match[1])}
        bases = (stem + end for stem in stems if len(stem) > 3 for end in ("", "а", "ь", "ы", "ый", "и", "о", "е", "я"))
        town = next((gazetteer.places()[k] for base in bases if (k := key_of(base)) in gazetteer.places()), None)
        if town is not None and town[0] in {"town", "village"}:
            found.append(Find(word.start, word.end, "place", town[1], town[2].lower(), type=OF_TOWN))
    return found


def _owners(low: str) -> tuple[str, ...]:
    """Return whose something may be by a word's form: «Гришина» is Гриша's; () where it is in the dictionary."""
    match = _OWNED.fullmatch(low)
    if match is None or any(p.is_known and not any(t in p.tag for t in _NAMING) for p in _parses(low)):
        return ()
    return tuple(match[1] + end for end in "ая" if key_of(match[1] + end) in gazetteer.given_names())


def _owner(words: Sequence[Token], i: int, names: Sequence[bool]) -> str:
    """Return whose something is where a word says so: «Гришина мать»; "" where it is a surname or none of it."""
    match = _OWNED.fullmatch(words[i].low)
    if match is None or (i and names[i - 1]) or i + 1 >= len(words) or words[i + 1].start - words[i].end > 1:
        return ""
    after = words[i + 1]
    if after.capital or names[i + 1] or not any(p.tag.POS in {"NOUN", "ADJF"} for p in _parses(after.low)[:1]):
        return ""
    return next((match[1] + end for end in "ая" if key_of(match[1] + end) in gazetteer.given_names()), "")


def _employers(text: str, words: Sequence[Token], entities: list[tuple[int, int, str]]) -> list[Find]:
    """Return the employers that the net found."""
    found = []
    for start, end, label in entities:
        if label == "ORG":
            inner = [w for w in words if w.start >= start and w.end <= end]
            if inner and not all(w.low in _allowed() for w in inner):
                said = text[inner[0].start : inner[-1].end]
                found.append(
                    Find(inner[0].start, inner[-1].end, "organisation", key_of(said), said, type=head_of(said))
                )
    return found


def _bare_surname(low: str) -> str:
    """Return a surname or patronymic without its ending."""
    return re.sub(
        r"(?<=[оеё]в)(?:а|у|ым|е|ой|ы|ых|ыми)$|(?<=ин)(?:а|у|ым|е|ой|ы|ых|ыми)$|(?<=вич)(?:а|у|ем|е)$|(?<=вн)(?:ы|е|у|ой)$",
        lambda m: "а" if m[0] and low.endswith(("вны", "вне", "вну", "вной")) else "",
        re.sub(r"(?<=ск)(?:ого|ому|им|ом|ая|ой|ую|ие|их|ими)$", "ий", low),
    )  # fmt: skip


def _manly(base: str) -> str:
    """Return a patronymic as a man bears it, so that brother and sister share one."""
    base = re.sub(r"(?<=[оеё])вна$", "вич", base)
    return re.sub(r"ична$", "ич", re.sub(r"ская$", "ский", base))


@lru_cache(maxsize=4096)
def _stems(low: str) -> tuple[str, ...]:
    """Return the first forms that a noun may have by its ending, itself among them; the likeliest first."""
    bases = [low]
    for end, firsts in (
        ("ом", ("",)), ("ем", ("", "й", "ь")), ("ей", ("а", "я")), ("ой", ("а", "ый")), ("ою", ("а",)),
        ("ием", ("ий",)),
        ("ию", ("ий", "ия")), ("ии", ("ия", "ий")), ("ией", ("ия",)), ("ия", ("ий",)), ("ью", ("ь",)),
        ("ом", ("ый", "о")), ("ого", ("ый",)), ("ому", ("ый",)), ("ым", ("ый",)), ("ах", ("ы", "и")),
        ("ами", ("ы", "и")),
        ("ам", ("ы",)), ("а", ("", "о")), ("у", ("а", "", "о")), ("ы", ("а",)), ("и", ("а", "я", "ь")),
        ("е", ("а", "", "я", "о", "й")),
        ("ю", ("я", "й", "ь")), ("я", ("й", "ь")),
    ):  # fmt: skip
        if low.endswith(end) and len(low) > len(end) + 1:
            bases += [low[: -len(end)] + first for first in firsts]
    return tuple(dict.fromkeys(b for b in bases if b == low or _has_form(b, low)))


def _has_form(base: str, low: str) -> bool:
    """Tell whether the school grammar makes `low` of `base`; places with an adjective's endings are let through."""
    if base.endswith(("ый", "ы", "и", "о")):
        return True
    return any(low in name_cases(base, gender).values() for gender in ("masc", "femn") for _ in CASES[:1])


def _cluster(key: str) -> str:
    known, place = gazetteer.given_names().get(key), gazetteer.places().get(key)
    return known.key if known else place[1] if place else key


def _titled(text: str, words: Sequence[Token], suspects: Sequence[str]) -> str:
    letters = list(text)
    for word, suspect in zip(words, suspects, strict=True):
        if suspect and len(letters[word.start].upper()) == 1:
            letters[word.start] = letters[word.start].upper()
    return "".join(letters)


def _sentence_starts(text: str, words: Sequence[Token]) -> set[int]:
    end = re.compile(r"(?:[.!?…:\n]|[.,:] ?[—–-])[»”\"')]*\s*[«\"„(—–-]*\s*$")
    return {i for i, w in enumerate(words) if i == 0 or end.search(text[words[i - 1].end : w.start])}


@lru_cache(maxsize=1)
def _allowed() -> frozenset[str]:
    return frozenset(
        w.lower().replace("ё", "е")
        for n in ("allowed_ru", "allowed_en")
        for ln in gazetteer.lines(n)
        for w in ln.split()
    )


@lru_cache(maxsize=8192)
def _share(low: str) -> tuple[float, bool]:
    parses = [p for p in _parses(low) if p.is_known]
    if not parses:
        return 0.0, False
    total = sum(p.score for p in parses)
    return sum(p.score for p in parses if any(t in p.tag for t in _NAMING)) / max(total, 1e-9), True


@lru_cache(maxsize=8192)
def _parses(low: str) -> tuple[Any, ...]:
    return tuple(_dictionary().parse(low))


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=1)
def _vectors() -> Any:
    from navec import Navec

    return Navec.load(packaged_paths("navec_ru", "disguise")[0])


@lru_cache(maxsize=1)
def _net() -> Any:
    """Load slovnet's recogniser of names: 0.6 s and 230 MB while its word vectors are unpacked."""
    from slovnet import NER

    net = NER.load(packaged_paths("slovnet_ner_ru", "disguise")[0])
    net.navec(_vectors())
    return net


@lru_cache(maxsize=1)
def _morphology() -> Any:
    from slovnet import Morph

    net = Morph.load(packaged_paths("slovnet_morph_ru", "disguise")[0])
    net.navec(_vectors())
    return net
