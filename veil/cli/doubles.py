"""`veil doubles`: the wardrobe."""

from pathlib import Path
from typing import Any

import click

from veil.cli.say import answer, as_json
from veil.desk import lent_doubles, wardrobe_sheet
from veil.disguise import wardrobe
from veil.disguise.lent import ANY, Record

_BUILD = {0: "female", 1: "male"}


@click.command()
@click.option("-o", "--out", type=click.Path(path_type=Path), help="write a picture of all doubles here (.png)")
@as_json
def doubles(out: Path | None, as_json: bool) -> None:
    """List the doubles that can be worn, and show them as a sheet

    Of each double that a volunteer lent: by whom, for which films, until when, and which films used it.

    \b
    example:
      veil doubles -o doubles.png
    """
    every = [wardrobe.double(name) for name in (*wardrobe.names(), *wardrobe.lent_names())]
    lent = lent_doubles()
    if out is not None:
        wardrobe_sheet(out)
    facts = {
        "doubles": [{"name": d.name, "age": d.age, "sex": d.sex, "tone": d.tone, "origin": d.origin} for d in every],
        "lent": [_facts(name, record) for name, record in lent.items()],
    }
    words = [f"{d.name}  {_BUILD.get(round(d.sex), '')}  {d.age} years  skin tone {d.tone} of 10" for d in every]
    words += [line for name, record in lent.items() for line in _told(name, record)]
    answer("\n".join([*words, *([f"sheet  {out}"] if out else [])]), facts, as_json)


def _told(name: str, record: Record | None) -> list[str]:
    """Return what is said of a lent double: for whom, until when, and the films that used it."""
    if record is None:
        return [f"{name}  damaged: restore it from a copy"]
    who = ", ".join(c.lender for c in record.consents)
    titles = "any film" if record.films == (ANY,) else ", ".join(f"“{title}”" for title in record.films)
    ends = f"withdrawn {record.withdrawn}" if record.withdrawn else f"until {record.until}"
    lines = [f"{name}  lent by {who}  for {titles}  {ends}"]
    return lines + [f"{name}  used by “{worn.title}”  {worn.on}" for worn in record.worn]


def _facts(name: str, record: Record | None) -> dict[str, Any]:
    if record is None:
        return {"name": name, "damaged": True}
    return {
        "name": name,
        "lenders": [{"lender": c.lender, "consent": c.sha256} for c in record.consents],
        "films": list(record.films),
        "until": str(record.until),
        "withdrawn": str(record.withdrawn) if record.withdrawn else None,
        "used_by": [{"title": w.title, "on": str(w.on), "result": w.result} for w in record.worn],
    }
