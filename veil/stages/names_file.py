"""names.toml: the list of everything that is hidden in the words of a film, which a person reviews and changes.

Everything found stands in it once, with what becomes of it and where it is said. What a person changes stays: a new run
adds what is new, and never takes anything away. It is a list of who is who; it is written for its owner only.
"""

import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from veil.disguise.words.contract import Kind, Sex
from veil.disguise.words.rare import Combination
from veil.errors import VeilError
from veil.stages.told import quoted
from veil.whole import write_whole

Does = Literal["replaced", "covered", "kept"]
DOES: tuple[Does, ...] = ("replaced", "covered", "kept")
_KINDS: tuple[Kind, ...] = get_args(Kind)
_HINT = "correct names.toml in the case folder; see the remarks at its beginning"
_KEYS = {"said", "also", "kind", "type", "sex", "does", "becomes", "short", "who", "accepted", "places"}

_HEAD = """\
# What names somebody in this film, or leads to them, and what becomes of it. This is a list of who is who: guard it.
# Change it, save it, run again. What you change stays; what is new is added; nothing here disappears by itself, but
# remarks of your own do.
#   does      "replaced" by what `becomes` says; "covered": nothing is said there, subtitles show …; "kept": stays
#   becomes   in its first form: Veil inflects it. `short` stands for short forms (Grisha)
#   sex       "man", "woman" or "": of a given name; the form of its alias follows it
#   who       the label of the person whose own name it is (P1): then the plan's `alias` for them stands there
#   accepted  set it to true when you have read it and agree; nothing depends on it but your own overview
# To hide something more, add:  [[hidden]]  said = "..."   (and, if you like, becomes = "...")
# Until you say "kept", names, places, employers, numbers and addresses do not cross. Full dates and ages are said
# coarser. A year alone, a profession, family and events are kept, and shown under [[together]] where they add up.
"""


@dataclass(frozen=True)
class Entry:
    """One thing that is hidden or kept: how it is said, what becomes of it, and where."""

    said: str
    kind: Kind
    does: Does
    becomes: str = ""
    short: str = ""
    also: tuple[str, ...] = ()
    type: str = ""
    sex: Sex = ""
    who: str = ""
    accepted: bool = False
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """The whole file; `read_by_hand` says that a person went through a language that Veil cannot read."""

    entries: tuple[Entry, ...] = ()
    read_by_hand: bool = False
    together: tuple[Combination, ...] = field(default=())


def load_names(path: Path) -> Names:
    """Read the file, an empty list where there is none yet; raise VeilError with the place of what is wrong in it."""
    if not path.is_file():
        return Names()
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))  # some editors put a mark before the text
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at (line \d+), column \d+\)", str(error))
        raise VeilError(f"names.toml is not valid TOML{', ' + where[1] if where else ''}", _HINT) from error
    except (OSError, UnicodeDecodeError) as error:
        raise VeilError("names.toml cannot be read as a text in UTF-8", _HINT) from error
    if set(told) - {"hidden", "together", "read_by_hand"} or not isinstance(told.get("hidden", []), list):
        raise VeilError("names.toml says something that Veil does not know", _HINT)
    by_hand = told.get("read_by_hand", False)
    if not isinstance(by_hand, bool):
        raise VeilError("`read_by_hand` in names.toml is neither true nor false", _HINT)
    return Names(tuple(_entry(about, number) for number, about in enumerate(told.get("hidden", []), 1)), by_hand)


def _entry(about: Any, number: int) -> Entry:
    """Read one entry; its problems are told by its number, never by its words."""
    if not isinstance(about, dict) or set(about) - _KEYS:
        raise VeilError(f"entry {number} of names.toml says something that Veil does not know", _HINT)
    said = about.get("said", "")
    if not isinstance(said, str) or not any(c.isalnum() for c in said):
        raise VeilError(f"entry {number} of names.toml does not say what is hidden", _HINT)
    texts = {key: about.get(key, "") for key in ("becomes", "short", "who", "type")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise VeilError(f"entry {number} of names.toml has a value that is no text", _HINT)
    lists = {key: about.get(key, []) for key in ("also", "places")}
    if not all(isinstance(v, list) and all(isinstance(item, str) for item in v) for v in lists.values()):
        raise VeilError(f"entry {number} of names.toml has a list that is no list of texts", _HINT)
    becomes = texts["becomes"].strip()
    does = about.get("does", "replaced" if becomes else "covered")
    kind, sex, accepted = about.get("kind", "other"), about.get("sex", ""), about.get("accepted", False)
    for key, value, allowed in (
        ("does", does, DOES), ("kind", kind, _KINDS), ("sex", sex, ("man", "woman", "")),
        ("accepted", accepted, (True, False)),
    ):  # fmt: skip
        if not isinstance(value, str | bool) or value not in allowed:
            raise VeilError(f"`{key}` of entry {number} of names.toml is none of its choices", _HINT)
    if does == "replaced" and not becomes and not texts["who"]:
        raise VeilError(
            f"entry {number} of names.toml is replaced by nothing", 'say what it `becomes`, or does = "covered"'
        )
    return Entry(
        said.strip(), cast(Kind, kind), cast(Does, does), becomes, texts["short"].strip(), tuple(lists["also"]),
        texts["type"], cast(Sex, sex), texts["who"].strip(), bool(accepted), tuple(lists["places"]),
    )  # fmt: skip


def save_names(path: Path, names: Names, remarks: tuple[str, ...] = ()) -> None:
    """Write the file for its owner only, whole or not at all."""
    lines = [_HEAD, *(f"# {remark}" for remark in remarks)]
    lines.append(f"read_by_hand = {str(names.read_by_hand).lower()}  # true: I have gone through all words myself\n")
    for number, entry in enumerate(names.entries, 1):
        lines += _written(entry, number)
    for combination in names.together:
        lines += _shown(combination)
    text = "\n".join(lines) + "\n"
    if path.is_file() and path.read_text("utf-8") == text:
        return
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise VeilError("names.toml cannot be written into the case folder", "make room there, run it again") from error


def _written(entry: Entry, number: int) -> list[str]:
    texts = {
        "said": entry.said, "also": list(entry.also) or None, "kind": entry.kind, "type": entry.type or None,
        "sex": entry.sex if entry.kind == "given name" or entry.sex else None, "does": entry.does,
        "becomes": entry.becomes or None, "short": entry.short or None, "who": entry.who or None,
        "accepted": entry.accepted, "places": list(entry.places),
    }  # fmt: skip
    return [
        f"[[hidden]]  # {number}",
        *(f"{key} = {quoted(value)}" for key, value in texts.items() if value is not None),
        "",
    ]


def _shown(combination: Combination) -> list[str]:
    """Return a combination, to be read only: what is to be done about it is done in the entries above."""
    rows = [f"  [{', '.join(quoted(t) for t in (f.kind, f.said, f.coarser, f.place))}]," for f in combination.facts]
    return [
        "[[together]]  # these together may fit one person only: kind, what is said, coarser, where. Read only:",
        '# to say it coarser, find it above and set does = "replaced"',
        f"speaker = {quoted(combination.speaker)}",
        "facts = [",
        *rows,
        "]",
        "",
    ]


def merged(old: Entry, new: Entry) -> Entry:
    """Return what a person has decided, with the forms and places of now."""
    also = tuple(dict.fromkeys((*old.also, *(f for f in (new.said, *new.also) if f != old.said))))
    return replace(old, also=also, places=new.places)
