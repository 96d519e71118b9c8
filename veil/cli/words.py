"""`veil words`: what names somebody in what is said, and what becomes of it."""

from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len

from veil.cli.say import answer, as_json
from veil.desk import Desk
from veil.nouns.plan import Plan
from veil.nouns.time import clock, parse_clock
from veil.stages.case import load_case
from veil.stages.heard import load_heard
from veil.stages.names_file import Entry
from veil.stages.words import Review, review
from veil.stages.words_found import alias_of

_SHOWN = 3  # places of each


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--aliases", type=click.Path(path_type=Path), help="a book of aliases kept through several films")
@as_json
def words(case: Path, aliases: Path | None, as_json: bool) -> None:
    """List what names somebody in the words of CASE's film, or leads to them, and what becomes of it

    Writes names.toml into the case folder, for you to review and to change; what you change stays. That file, and a
    book of aliases, say who is who: guard them like the film.

    \b
    example:
      veil words interview.veil
    """
    desk = Desk.reopen(case)
    plan = desk.plan()
    done = review(load_case(desk.folder), plan, desk.folder, load_heard(desk.folder), aliases)
    facts = facts_of(done, str(desk.folder.names), plan)
    answer("\n".join(_lines(done, facts)), facts, as_json)


def facts_of(done: Review, names: str, plan: Plan) -> dict[str, Any]:
    """Return what was found as plain values; what is said stands in names.toml only, what it becomes is here.

    Where an entry is somebody's own name, the plan's alias for them is what it becomes.
    """
    rows = [
        {
            "entry": number, "kind": e.kind, "does": e.does,
            "becomes": _becomes(e, plan) if e.does == "replaced" else "",
            "count": len(e.places), "places": list(e.places), "accepted": e.accepted,
        }
        for number, e in enumerate(done.entries, 1)
    ]  # fmt: skip
    return {"names": names, "found": rows, "together": len(done.together), "remarks": list(done.remarks)}


def _lines(done: Review, facts: dict[str, Any]) -> list[str]:
    rows = [
        (str(row["entry"]), e.kind, str(row["count"]), row["becomes"] or e.does, _places(e))
        for row, e in zip(facts["found"], done.entries, strict=True)
    ]
    table = [("entry", "kind", "times", "becomes", "places"), *rows] if rows else []
    wide = [max(cell_len(row[i]) for row in table) for i in range(5)] if table else []
    lines = ["  ".join(_padded(cell, w) for cell, w in zip(row, wide, strict=True)).rstrip() for row in table]
    lines += [f"remark  {remark}" for remark in facts["remarks"]]
    return [*lines, f"names  {facts['names']}"]


def _padded(cell: str, cells: int) -> str:
    return cell + " " * (cells - cell_len(cell))


def _becomes(entry: Entry, plan: Plan) -> str:
    called = alias_of(entry, plan)
    return called.english if called else entry.becomes


def _places(entry: Entry) -> str:
    shown = [_short(place) for place in entry.places[:_SHOWN]]
    more = len(entry.places) - len(shown)
    return ", ".join([*shown, f"{more} more"] if more else shown) or "nowhere now"


def _short(place: str) -> str:
    """Return a place without fractions of a second, for the table."""
    at, _, speaker = place.partition(" ")
    return f"{clock(parse_clock(at)).split('.')[0]} {speaker}".rstrip()
