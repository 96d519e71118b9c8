"""`veil doubles`: the wardrobe."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.desk import wardrobe_sheet
from veil.disguise import wardrobe


@click.command()
@click.option("-o", "--out", type=click.Path(path_type=Path), help="write a picture of all doubles here (.png)")
@as_json
def doubles(out: Path | None, as_json: bool) -> None:
    """List the doubles that can be worn, and show them as a sheet

    \b
    example:
      veil doubles -o doubles.png
    """
    every = [wardrobe.double(name) for name in wardrobe.names()]
    if out is not None:
        wardrobe_sheet(out)
    facts = {
        "doubles": [{"name": d.name, "age": d.age, "sex": d.sex, "tone": d.tone, "origin": d.origin} for d in every]
    }
    build = {0: "female", 1: "male"}
    words = [f"{d.name}  {build.get(round(d.sex), '')}  {d.age} years  skin tone {d.tone} of 10" for d in every]
    answer("\n".join([*words, *([f"sheet  {out}"] if out else [])]), facts, as_json)
