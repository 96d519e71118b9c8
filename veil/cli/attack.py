"""`veil attack`: search the result for anyone who still shows."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk
from veil.errors import Exposed, VeilError


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="the name the finished film has, or will have")
@as_json
def attack(case: Path, out: Path | None, as_json: bool) -> None:
    """Search every frame of the cut of CASE again for faces that are not a double

    A .part that is found safe gets its final name. Exits with 3 when someone would be exposed.

    \b
    example:
      veil attack interview.veil -o interview.veiled.mp4
    """
    desk = Desk.reopen(case, bar)
    final = out or desk.film.with_name(f"{desk.film.stem}.veiled.mp4")
    part = final.with_name(final.name + ".part")
    if part.is_file() and final.exists():
        raise VeilError("the result exists already", "choose another name with -o, or remove it")
    target = part if part.is_file() else final
    if not target.is_file():
        raise VeilError("there is no cut to attack", "run `veil cut CASE` first")
    report = desk.attack(target)
    if not report.safe:
        raise Exposed(
            f"{len(report.findings)} faces show, the clearest in frame {report.findings[0].index}",
            "choose a stronger cover in plan.toml, or run `veil disguise`, which covers what is found",
        )
    if target == part:
        part.replace(final)
    facts = {"result": str(final), "report": str(desk.folder.report), "frames": report.frames, "verdict": "safe"}
    answer(f"{report.frames} frames searched, nobody shows\nresult  {final}", {**facts, **desk.seconds}, as_json)
