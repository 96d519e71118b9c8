"""What a seizure yields, counted: canaries that come out of an account's keys, and words that lie in a file."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests import story  # noqa: F401  (its steps enter themselves)
from tests.filled import CANARY, OF, Filled, held, where
from veil.casework import world
from veil.casework.custody.models import Slip
from veil.casework.network import exposure
from veil.casework.network.models import Worker
from veil.casework.network.roles import KIND_NAMES, Kind, Role
from veil.vault import stores

BEGIN, END = "<!-- yields: computed by tools/yields.py, do not edit -->", "<!-- end of yields -->"
FILES = {
    "the slots file": ("slots",),
    "the signals file": ("signals",),
    "the noise file": ("noise",),
    "both stores, or a backup of them": ("a.store", "b.store"),
}
ADDRESS = {("house", "address"), ("house", "entry"), ("house", "reach")}


def table(told: Filled) -> str:
    """Return the markdown table for a filled network: the figures are those of the test network."""
    places = where(told)
    with world.within(told.store):
        holders = held(place for each in places.values() for place, _kind in each)
        lines = [_account(told, role, places, holders) for role in Role]
        lines.append(_columns())
        names = list(Worker.objects.values_list("call_sign", flat=True))
    lines += [_file(name, files, names) for name, files in FILES.items()]
    lines.append(_decoy())
    return "\n".join([HEAD, *lines, ""])


HEAD = """In the test network (one worker of every role, a few calls, cases, people, a house, a move, two envelopes of
which one is open), counted from what each key really opens. A machine that is seized while somebody is in yields the
row of that worker, and the row of the store's key; a locked one yields the rows of its files.

| seized | people | calls | moves | houses | sealed words of each kind | and |
|---|---|---|---|---|---|---|"""


def _account(told: Filled, role: Role, places: dict, holders: dict) -> str:  # type: ignore[type-arg]
    hand = told.hands[role]
    found = [(word, kind) for word, each in places.items() for place, kind in each if hand.id in holders.get(place, ())]
    kinds = Counter(str(KIND_NAMES[kind]) for _word, kind in set(found))
    more = []
    addresses = {OF[word] for word, _kind in found} & ADDRESS
    if addresses:
        more.append(f"{len(addresses)} of {len(ADDRESS)} fields that say where a house is")
    if any(kind == Kind.IDENTITY for _word, kind in found):
        more.append("a legal name, while the envelope is open")
    slips = Slip.objects.filter(custodian_id=hand.id).count()
    if slips:
        more.append(f"{slips} slips of envelopes: nothing by themselves")
    yielded = exposure.of(hand.id).things
    counts = " | ".join(str(yielded[name]) for name in ("people", "requests", "moves", "houses"))
    words = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
    return f"| passphrase of the {role.value}, forced | {counts} | {words} | {'; '.join(more) or '–'} |"


def _columns() -> str:
    told = exposure.columns()
    rest = f"{told['call signs']} call signs, states, dates and counts, random codes, kinds of acts"
    return (
        "| the store's key, from any account, or from a machine that runs, without that account's keys "
        f"| 0 (that there are {told['people']}) | 0 (of {told['requests']}) | 0 (of {told['moves']}) "
        f"| 0 (of {told['houses']}) | none | {rest} |"
    )


def _file(name: str, files: Iterable[str], names: list[str]) -> str:
    data = b"".join((stores.folder() / file).read_bytes() for file in files)
    long = [sign for sign in names if len(sign) > 5]  # three letters stand by chance in any noise
    signs = sum(bool(re.search(re.escape(sign.encode()), data)) for sign in long)
    words = len(set(CANARY.findall(data.decode("latin-1"))) & set(OF))
    rest = f"{signs} call signs in the clear; its size: {_size(files)}"
    return f"| {name}, of a machine that is off | 0 | 0 | 0 | 0 | {words or 'none'} | {rest} |"


def _size(files: Iterable[str]) -> str:
    fixed = {Path(file).name for file in files} <= {"slots", "signals", "noise"}
    return "always the same" if fixed else "in steps, alike for both worlds"


def _decoy() -> str:
    return (
        "| a decoy passphrase, given under force | 0 | 0 | 0 | 0 | none of the network's | "
        "an invented caseload, and no word of this table (not counted here) |"
    )


def written(text: str, told: str) -> str:
    """Return a text in which what stands between the markers is this table."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + told + END + rest.split(END)[1]


def standing(text: str) -> str:
    """Return the table that stands between the markers of a text."""
    return text.split(BEGIN + "\n")[1].split(END, maxsplit=1)[0]
