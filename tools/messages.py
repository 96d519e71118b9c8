"""Messages: finds what pages and errors say, keeps each part's Russian catalogue, and checks that none lacks a word.

python tools/messages.py update houses     write what is new into the part's catalogue, then compile it
python tools/messages.py compile           compile every catalogue
python tools/messages.py check             say what lacks a Russian translation, and which catalogue is not compiled
"""

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1] / "veil"
LOCALE = ROOT / "web" / "locale"
PARTS = ("demo", "requests", "cases", "moves", "houses", "custody", "network", "keeping", "door")
ALSO = {"checkins": "moves", "incidents": "moves", "ask": "requests"}
_DOOR = (
    "lock", "door", "drafts", "headers", "coercion", "opening", "desks", "decoy", "guesses", "slots", "signals",
    "unlock", "phrases", "turn",
)  # fmt: skip  # in, out, under force: they lie in others' folders
CHROME = "chrome"  # what belongs to no part: the frame, the board, the ground
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
Message = tuple[str | None, str | tuple[str, ...]]  # context, and what is said (one form, or one and many)


def part_of(path: Path) -> str:
    """Return the part that a file belongs to, by its folder or its name."""
    told = path.relative_to(ROOT).with_suffix("").parts
    if told[1:3] in {("templates", "ask"), ("pages", "ask")}:
        return "requests"  # the public form
    if "cases" not in told and any(name in _DOOR for name in told):
        return "door"
    for name in told:
        for part in PARTS:
            if name == part or name.startswith(f"{part}_"):
                return part
        if name in ALSO:
            return ALSO[name]
    return CHROME


def sources() -> Iterator[Path]:
    """Yield every file of the casework wing that may say something to its user."""
    for folder in ("casework", "web", "vault"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from sorted((ROOT / "web" / "templates").rglob("*.*"))


def messages_of(path: Path) -> set[Message]:
    """Return what one file says."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        lines = (line.lstrip() for line in templatize(text).splitlines())
        return set(_extracted("\n".join(lines)))
    found = set(_extracted(text))
    if "vault" in path.relative_to(ROOT).parts[:1]:
        found |= {(None, said) for said in _errors(ast.parse(text))}
    return found


def _extracted(text: str) -> Iterator[Message]:
    for _line, said, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
        if said:
            yield context, said if isinstance(said, str) else tuple(said)


def _errors(tree: ast.AST) -> Iterator[str]:
    """Yield what the vault's errors say: the vault knows no languages, so the pages translate its words."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        words = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if len(words) == len(call.args) == 2 and (name == "__init__" or name[:1].isupper()):
            yield from words


def catalogue(part: str) -> Catalog:
    """Return a part's Russian catalogue, empty where it has none."""
    path = LOCALE / part / "ru" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale="ru", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="ru")


def parts() -> list[str]:
    """Return the parts that have a catalogue."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def translated() -> set[Message]:
    """Return every message that some catalogue translates in full."""
    return {key for part in parts() for key in strings(part)}


def strings(part: str) -> dict[Message, tuple[str, ...]]:
    """Return what a part's catalogue translates in full."""
    return _strings(catalogue(part))


def missing() -> dict[Path, set[Message]]:
    """Return, for each file, what it says that no catalogue translates."""
    known = translated()
    found = {path: messages_of(path) - known for path in sources()}
    return {path: said for path, said in found.items() if said}


def stale() -> list[str]:
    """Return the parts whose compiled catalogue says anything else than its source."""
    return [part for part in parts() if _differs(_compiled(part), catalogue(part))]


def _differs(compiled: dict[Message, tuple[str, ...]], told: Catalog) -> bool:
    """Tell whether a translation is compiled otherwise, or something is compiled that nobody says any more."""
    said = {_words(key) for key in _ids(told)}
    changed = any(compiled.get(key) != forms for key, forms in _strings(told).items())
    return changed or any(_words(key) not in said for key in compiled)


def _ids(told: Catalog) -> list[Message]:
    return [(one.context, one.id) for one in told if one.id]


def _compiled(part: str) -> dict[Message, tuple[str, ...]]:
    path = LOCALE / part / "ru" / "LC_MESSAGES" / "django.mo"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        told = _strings(read_mo(file))
    # Babel reads contexts back as bytes
    return {(key[0].decode() if isinstance(key[0], bytes) else key[0], key[1]): said for key, said in told.items()}


def _strings(told: Catalog) -> dict[Message, tuple[str, ...]]:
    return {
        (one.context, one.id if isinstance(one.id, str) else tuple(one.id)): _forms(one.string)
        for one in told
        if one.id and not one.fuzzy and all(_forms(one.string))
    }


def _words(one: Message) -> Message:
    """Return a message as catalogues find it: by its first form."""
    return one[0], one[1] if isinstance(one[1], str) else one[1][0]


def _forms(said: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (said or "",) if said is None or isinstance(said, str) else tuple(said)


def update(part: str) -> int:
    """Write what a part says and nobody has translated into its catalogue; return how many words are still owed."""
    said = {path: messages_of(path) for path in sources()}
    every = {_words(one) for found in said.values() for one in found}
    told, known = catalogue(part), translated()
    for one in [one for one in told if one.id and _words((one.context, one.id)) not in every]:
        told.delete(one.id, one.context)
    for one in [one for one in told if one.id and not any(_forms(one.string))]:
        told.delete(one.id, one.context)
    for path, found in said.items():
        if part_of(path) == part:
            for context, words in found - known:
                told.add(words, context=context)
    write(part, told)
    return sum(1 for one in told if one.id and not all(_forms(one.string)))


def write(part: str, told: Catalog) -> None:
    """Write a part's catalogue, in the order of its words and without the hour of anybody's work, and compile it."""
    told.project, told.version, told.fuzzy, told.header_comment = "Veil", part, False, f"# Veil in Russian: {part}"
    told.creation_date = told.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    path = LOCALE / part / "ru" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, told, sort_output=True, no_location=True, ignore_obsolete=True, width=0)
    compile_one(part)


def compile_one(part: str) -> None:
    """Compile one part's catalogue."""
    with (LOCALE / part / "ru" / "LC_MESSAGES" / "django.mo").open("wb") as file:
        write_mo(file, catalogue(part))


def main(told: list[str]) -> int:
    """Do what was asked."""
    match told:
        case ["update", *which]:
            for part in which or [CHROME, *PARTS]:
                print(f"{part}: {update(part)} to translate")
        case ["compile"]:
            for part in parts():
                compile_one(part)
        case ["check"]:
            for path, said in missing().items():
                for context, words in sorted(said, key=str):
                    print(f"{path.relative_to(ROOT.parent)}: {context or ''} {words!r}")
            print("not compiled:", ", ".join(stale()) or "none")
            return 1 if missing() or stale() else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
