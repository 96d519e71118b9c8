"""`veil disguise`: the whole job."""

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk
from veil.errors import VeilError
from veil.nouns.report import BY_PLAN, LIFTED, OWN_VOICE, Report
from veil.stages.heard import Wish
from veil.stages.outputs import beside


@click.command()
@click.argument("film", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="where the disguised film goes")
@click.option("--case", type=click.Path(path_type=Path), help="the case folder (default: beside the film, .veil)")
@click.option("--subtitles", type=click.Path(path_type=Path), help="subtitles in the language that is spoken")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="a plan to use instead of the case's own")
@as_json
def disguise(
    film: Path, out: Path | None, case: Path | None, subtitles: Path | None, plan_file: Path | None, as_json: bool
) -> None:
    """Disguise everyone in FILM, then attack the result

    Watches, hears, plans, cuts and attacks; whoever is found or recognised gets a stronger cover. What is done already
    is not done again. Exits with 3, and leaves no film, when someone would be exposed; with 1 when that is not proven.

    \b
    example:
      veil disguise interview.mp4 -o interview.veiled.mp4
    """
    desk = Desk(film, case, bar)
    result = out or film.with_name(f"{film.stem}.veiled.mp4")
    if plan_file is not None:
        _take_plan(desk, plan_file)
    if subtitles is not None:
        desk.watch()
        desk.hear(Wish(subtitles=str(subtitles.absolute())))
    report = desk.disguise(result)
    facts = {
        "result": str(result),
        "case": str(desk.folder.path),
        "report": str(desk.folder.page),
        "frames": report.frames,
        "undecodable": report.undecodable,
        "verdict": report.verdict,
        "sound": desk.plan().sound,
        "said": desk.said(),
        "written": [str(path) for path in beside(result) if path.exists()],
        "raised": _raised(desk),
        "warned": _warned(report),
        "listen": [a.said for a in report.attacks if a.channel == OWN_VOICE and a.by != BY_PLAN],
        "lifted": [a.said for a in report.attacks if a.channel == LIFTED],
        "disclosure": report.disclosure,
        **desk.seconds,
    }
    answer(_words(facts), facts, as_json)


def _take_plan(desk: Desk, plan_file: Path) -> None:
    if not plan_file.is_file():
        raise VeilError("the plan is not there", "give the path of a plan.toml, or leave --plan out")
    desk.folder.make()
    shutil.copyfile(plan_file, desk.folder.plan)


def _words(facts: dict[str, Any]) -> str:
    lines = [f"{facts['frames']} frames searched, nobody shows, nobody is recognised"]
    if facts["undecodable"]:
        lines.append(f"{facts['undecodable']} damaged packets could not be read")
    lines += [f"{label} {said}" for label, said in facts["raised"].items()]
    lines += [f"look at the report: {channel} may still tell something" for channel in facts["warned"]]
    lines += [f"listen: {said}" for said in facts["listen"] if said not in facts["said"]]
    lines += facts["lifted"]
    lines += [*facts["said"], *(f"beside  {path}" for path in facts["written"])]
    return "\n".join([*lines, f"result  {facts['result']}", f"report  {facts['report']}"])


def _warned(report: Report) -> list[str]:
    """Return what a person must judge: the channel, and whose it is."""
    left = [a for a in report.attacks if a.verdict == "warned" and a.channel != LIFTED]
    return list(dict.fromkeys(f"{a.channel} of {a.person}" if a.person else a.channel for a in left))


def _raised(desk: Desk) -> dict[str, str]:
    """Say whose cover the attacks have raised, and how."""
    said = {}
    for label, more in desk.raised().items():
        if more.camera:
            said[label] = "its camera was recognised: the sensor's noise is taken out now"
        elif more.whole:
            said[label] = "was recognised, or could not be tried: their head is in shadow"
        else:
            words = [f"wears {more.double}, not {', '.join(more.refused)}"] if more.double else []
            shaded = sum((s.length_s for s in more.hidden), Fraction(0))
            words += [f"is in shadow for {float(shaded):.1f} s"] if more.hidden else []
            said[label] = f"was recognised: {' and '.join(words)} now"
    return said
