"""The contract of words: what a finder finds, and what a language must be able to do.

English and Russian ship. Another language is a class with the methods of `Tongue`, named in a package's entry points:

    [project.entry-points."veil.words"]
    ka = "my_package.georgian:Georgian"

It is made once, without arguments, when a film in that language is to be read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Literal, Protocol

from veil.errors import VeilError

Kind = Literal[
    "given name", "patronymic", "surname", "nickname", "place", "organisation", "date", "age", "phone", "address",
    "paper", "plate", "account", "other", "work", "family", "event",
]  # fmt: skip
NAMING: tuple[Kind, ...] = ("given name", "patronymic", "surname", "nickname")
"""What belongs to the name of a person."""
TELLING: tuple[Kind, ...] = ("work", "family", "event")
"""What names nobody, but leads to somebody together with the rest: kept until a person says otherwise."""

Sex = Literal["man", "woman", ""]
Part = Literal["full", "short"]


@dataclass(frozen=True)
class Find:
    """Something that names somebody or leads to them: characters `start` to `end` of the text that was read.

    `key` is the same for every form of the same thing in every language: "Grigory", "Grisha's" and «с Гришей».
    `base` is how the thing is called in its first form; `type` says more of it (a place is a town or a country).
    """

    start: int
    end: int
    kind: Kind
    key: str
    base: str
    part: Part = "full"
    sex: Sex = ""
    culture: str = ""
    type: str = ""

    def meets(self, other: "Find") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Alias:
    """What stands for something: full and short form in Russian and English, in their first case."""

    russian: str
    english: str
    russian_short: str = ""
    english_short: str = ""

    def form(self, language: str, part: Part) -> str:
        full, short = (
            (self.russian, self.russian_short) if language == "ru" else (self.english, self.english_short)
        )  # fmt: skip
        return short if part == "short" and short else full


class Tongue(Protocol):
    """One language: it finds, and it puts another word in a found one's place. It draws nothing and keeps nothing."""

    code: str  # ISO 639-1

    def find(self, text: str) -> tuple[Find, ...]:
        """Return what is found, in order, without overlaps."""
        ...

    def forms(self, word: str) -> tuple[str, ...]:
        """Return the keys under which one word may stand, whatever its case or form: its own key first."""
        ...

    def ordinary(self, word: str) -> bool:
        """Tell whether a word without a capital is an ordinary one that may mean nobody."""
        ...

    def bare(self, word: str) -> bool:
        """Tell whether a word only holds sentences together ("an", "will", «ему»): it is never hidden alone."""
        ...

    def place_in(self, text: str, find: Find, alias: str) -> str:
        """Return `alias`, given in its first form, in the form that text[find.start:find.end] has in its sentence."""
        ...


_MADE: dict[str, Callable[[], Tongue]] = {}


def add_tongue(code: str, make: Callable[[], Tongue]) -> None:
    """Let films in the language `code` (ISO 639-1) be read by what `make` returns."""
    _MADE[code] = make
    tongue.cache_clear()


@lru_cache(maxsize=8)
def tongue(code: str) -> Tongue | None:
    """Return what reads a language, loading it only now; None where nothing does."""
    if code in _MADE:
        return _MADE[code]()
    if code == "en":
        from veil.disguise.words.english import English

        return English()
    if code == "ru":
        from veil.disguise.words.russian import Russian

        return Russian()
    for entry in entry_points(group="veil.words"):
        if entry.name == code:
            try:
                made: Tongue = entry.load()()
            except (ImportError, AttributeError, TypeError) as error:
                raise VeilError(
                    "what reads this film's language cannot be loaded", "install its package again"
                ) from error
            return made
    return None
