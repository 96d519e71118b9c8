"""`veil cut`: render the disguised film."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="the name the finished film will have")
@as_json
def cut(case: Path, out: Path | None, as_json: bool) -> None:
    """Render the film of CASE by its plan, as a .part file that `veil attack` has yet to search

    \b
    example:
      veil cut interview.veil -o interview.veiled.mp4
    """
    desk = Desk.reopen(case, bar)
    part = desk.cut(out or desk.film.with_name(f"{desk.film.stem}.veiled.mp4"))
    facts = {"part": str(part), **desk.seconds}
    answer(f"part  {part}", facts, as_json)
