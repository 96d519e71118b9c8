"""The rare combination: facts that are harmless alone, and that together fit only one person.

"Event planner, thirty, worked at the honey fair in Grozny": each of it may be said of thousands. Veil cannot know how
many people a combination fits; it shows what every speaker tells of themselves, and how each could be said coarser.
Sweeney 2000, "Simple demographics often identify people uniquely", is why three kinds are enough to be shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from veil.disguise.words.contract import Find, Kind
from veil.disguise.words.patterns import plain_key

LEAST_KINDS = 3
"""So many kinds of facts told by one speaker are shown as a combination."""

COUNTED: frozenset[Kind] = frozenset({"work", "family", "event", "age", "place", "organisation", "date", "address"})

_EN = {
    "work": (
        "a job like that",
        r"\b(?:event planner|accountant|journalist|reporter|teacher|nurse|doctor|surgeon|dentist|pharmacist|hairdresser"
        r"|barber|singer|dancer|musician|actor|actress|choreographer|photographer|designer|tailor|seamstress|cook|chef"
        r"|baker|waiter|waitress|bartender|driver|taxi driver|mechanic|welder|builder|engineer|programmer|lawyer|judge"
        r"|police officer|policeman|soldier|boxer|wrestler|coach|trainer|shopkeeper|translator|interpreter|librarian"
        r"|professor|student of \w+|beekeeper|farmer|shepherd|jeweller|goldsmith|carpenter|electrician|plumber|imam"
        r"|stylist|make-?up artist|model|tour guide|flight attendant|pilot|vet|veterinarian|psychologist|social worker"
        r"|midwife|paramedic|fisherman|sailor|security guard|cashier|manager|presenter|television presenter|poet|writer"
        r"|blogger|dj)s?\b",
    ),
    "family": (
        "a family",
        r"\b(?:(?:two|three|four|five|six|seven|eight|nine|ten) (?:brothers|sisters|sons|daughters|children|kids|wives)"
        r"|only (?:son|daughter|child)|twin (?:brother|sister)|twins|orphan|adopted|second wife|first wife"
        r"|(?:eldest|youngest|oldest) (?:son|daughter|brother|sister|child|of \w+)|divorced|widow(?:er|ed)?|fianc[eé]e?"
        r"|my (?:father|mother|uncle|brother|grandfather) (?:is|was|were) (?:a |an |the )(?!man|good|very|kind|strict|old)\w+)\b",
    ),
    "event": (
        "something that happened",
        r"\b(?:won|winner of|champion of|took part in|performed at|spoke at|wedding of|funeral of|was on television"
        r"|accident|earthquake|fire at|explosion|siege|hijack\w*|first prize|medal|olympi\w+|championship|competition"
        r"|eurovision|talent show|interview (?:with|on) \w+)\b",
    ),
}
_RU = {
    "work": (
        "такая работа",
        r"\b(?:организатор\w* (?:мероприятий|праздников|свадеб)|бухгалтер\w*|журналист\w*|учител\w+|учительниц\w+"
        r"|медсестр\w+|врач\w*|хирург\w*|стоматолог\w*|фармацевт\w*|парикмахер\w*|барбер\w*|певец|певц\w+|певиц\w+"
        r"|танцор\w*|танцовщиц\w+|музыкант\w*|акт[её]р\w*|актрис\w+|хореограф\w*|фотограф\w*|дизайнер\w*|портн\w+"
        r"|швея|швеёй|повар\w*|пекар\w*|официант\w*|бармен\w*|водител\w+|таксист\w*|механик\w*|сварщик\w*"
        r"|строител\w+|инженер\w*|программист\w*|юрист\w*|адвокат\w*|судь\w+|полицейск\w+|солдат\w*|боксёр\w*|боксер\w*"
        r"|борец|борц\w+|тренер\w*|переводчи\w+|библиотекар\w*|преподавател\w+|студент\w*|пчеловод\w*|фермер\w*"
        r"|пастух\w*|ювелир\w*|плотник\w*|электрик\w*|сантехник\w*|стилист\w*|визажист\w*|модел\w+|экскурсовод\w*"
        r"|стюардесс\w+|л[её]тчик\w*|ветеринар\w*|психолог\w*|акушерк\w+|фельдшер\w*|рыбак\w*|моряк\w*|охранник\w*"
        r"|кассир\w*|менеджер\w*|ведущ(?:ий|ая|им|ей)|поэт\w*|писател\w+|блогер\w*)\b",
    ),
    "family": (
        "семья",
        r"\b(?:(?:двое|трое|четверо|пятеро|шестеро|семеро|двух|тр[её]х|четыр[её]х|пяти) (?:детей|братьев|сест[её]р|сыновей)"
        r"|единственн\w+ (?:сын|дочь|реб[её]нок|сына|дочери)|близнец\w*|двойн\w+|сирот\w+|при[её]мн\w+|втор\w+ жен\w+"
        r"|старш\w+ (?:сын|дочь|брат|сестра|сына|дочери)|младш\w+ (?:сын|дочь|брат|сестра|сына|дочери)|разведен\w*"
        r"|развел(?:ся|ась)|вдов\w+|(?:два|три|четыре|пять|шесть|семь) (?:брата|сестры|сына|дочери|братьев|сест[её]р))\b",
    ),
    "event": (
        "один случай",
        r"\b(?:выиграл\w*|победител\w+|чемпион\w*|участвовал\w*|выступал\w* (?:на|в|по)|свадьб\w+ у \w+|похорон\w+"
        r"|авари\w+|землетрясени\w+|взрыв\w*|захват\w*|медал\w+|олимпиад\w+|соревновани\w+|конкурс\w*|чемпионат\w*"
        r"|по телевизору|интервью)\b",
    ),
}  # fmt: skip
_TABLES = {"en": _EN, "ru": _RU}
_COMPILED = {
    code: [(kind, says, re.compile(pattern, re.IGNORECASE)) for kind, (says, pattern) in table.items()]
    for code, table in _TABLES.items()
}


@dataclass(frozen=True)
class Fact:
    """One thing that somebody tells of themselves, and how it could be said coarser."""

    kind: Kind
    said: str
    coarser: str
    place: str


@dataclass(frozen=True)
class Combination:
    """What one speaker tells of themselves that together may fit nobody else."""

    speaker: str
    facts: tuple[Fact, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(f.kind for f in self.facts)


def telling(text: str, language: str) -> tuple[Find, ...]:
    """Return occupations, family facts and events of a text: they name nobody, and are kept unless somebody says."""
    found: list[Find] = []
    for kind, _, pattern in _COMPILED.get(language, []):
        for match in pattern.finditer(text):
            find = Find(match.start(), match.end(), kind, plain_key(match[0]), match[0])  # type: ignore[arg-type]
            if not any(find.meets(f) for f in found):
                found.append(find)
    return tuple(sorted(found, key=lambda f: f.start))


def suggestion(kind: Kind, language: str) -> str:
    """Return what could be said instead of such a fact."""
    return next((says for k, (says, _) in _TABLES.get(language, {}).items() if k == kind), "")


def combinations(facts: Sequence[tuple[str, Fact]]) -> tuple[Combination, ...]:
    """Return, of facts by speaker, what is rare enough to be shown: the speakers who tell of three kinds or more."""
    speakers = dict.fromkeys(speaker for speaker, _ in facts)
    done = []
    for speaker in speakers:
        own: dict[tuple[Kind, str], Fact] = {}
        for who, fact in facts:
            if who == speaker and fact.kind in COUNTED:
                own.setdefault((fact.kind, fact.said.lower()), fact)
        combination = Combination(speaker, tuple(own.values()))
        if len(combination.kinds) >= LEAST_KINDS:
            done.append(combination)
    return tuple(done)
