"""`veil disguise`: the whole job."""

import shutil
from pathlib import Path
from typing import Any

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk
from veil.errors import VeilError


@click.command()
@click.argument("film", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="where the disguised film goes")
@click.option("--case", type=click.Path(path_type=Path), help="the case folder (default: beside the film, .veil)")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="a plan to use instead of the case's own")
@as_json
def disguise(film: Path, out: Path | None, case: Path | None, plan_file: Path | None, as_json: bool) -> None:
    """Disguise everyone in FILM, then search the result for anyone who still shows

    Watches, plans, cuts and attacks. What is done already is not done again. Exits with 3, and leaves no film, when
    someone would be exposed.

    \b
    example:
      veil disguise interview.mp4 -o interview.veiled.mp4
    """
    desk = Desk(film, case, bar)
    result = out or film.with_name(f"{film.stem}.veiled.mp4")
    if plan_file is not None:
        _take_plan(desk, plan_file)
    report = desk.disguise(result)
    facts = {
        "result": str(result),
        "case": str(desk.folder.path),
        "report": str(desk.folder.report),
        "frames": report.frames,
        "undecodable": report.undecodable,
        "verdict": "safe",
        "sound": desk.plan().sound,
        "alike": desk.cautions(),
        **desk.seconds,
    }
    answer(_words(facts), facts, as_json)


def _take_plan(desk: Desk, plan_file: Path) -> None:
    if not plan_file.is_file():
        raise VeilError("the plan is not there", "give the path of a plan.toml, or leave --plan out")
    desk.folder.make()
    shutil.copyfile(plan_file, desk.folder.plan)


def _words(facts: dict[str, Any]) -> str:
    sound = "the sound was left out: no voice is disguised yet" if facts["sound"] == "left out" else "voices are heard"
    lines = [
        f"{facts['frames']} frames searched, nobody shows",
        sound,
        f"result  {facts['result']}",
        f"report  {facts['report']}",
    ]
    for label in facts["alike"]:
        lines.insert(1, f"{label} may still look like themselves: choose shadow or blackout for them in plan.toml")
    if facts["undecodable"]:
        lines.insert(1, f"{facts['undecodable']} damaged packets could not be read")
    return "\n".join(lines)
