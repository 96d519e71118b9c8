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
from veil.stages.escalation import FILM, Raised, in_force
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
    lines += [f"for you to judge, see the report: {'; '.join(facts['warned'])}"] if facts["warned"] else []
    lines += [f"listen: {said}" for said in facts["listen"] if said not in facts["said"]]
    lines += facts["lifted"]
    lines += [*facts["said"], *(f"beside  {path}" for path in facts["written"])]
    return "\n".join([*lines, f"result  {facts['result']}", f"report  {facts['report']}"])


def _warned(report: Report) -> list[str]:
    """Return which lines of the report a person must judge, each once; not what the plan itself allows."""
    lines: dict[str | None, list[str]] = {}
    for attack in report.attacks:
        here = lines.setdefault(attack.person, [])
        if attack.verdict == "warned" and attack.channel not in {LIFTED, OWN_VOICE, *here}:
            here.append(attack.channel)
    return [", ".join(here) + (f" of {person}" if person else "") for person, here in lines.items() if here]


def _raised(desk: Desk) -> dict[str, str]:
    """Say whose cover the attacks have raised, and how."""
    plan, raised = desk.plan(), desk.raised()
    now = in_force(plan, raised)
    said = {}
    for label, more in raised.items():
        steps = _face(label, more)
        if now.role_of(label).voicing != plan.role_of(label).voicing:  # else the author has chosen another since
            steps += _voice(more)
        if steps:
            said[label] = "; ".join(steps)
    return said


def _face(label: str, more: Raised) -> list[str]:
    if label == FILM:
        return ["its camera was recognised: the sensor's noise is taken out now"] * more.camera
    if more.whole:
        return ["was recognised, or could not be tried: their head is in shadow"]
    words = [f"wears {more.double}, not {', '.join(more.refused)}"] if more.double else []
    shaded = sum((s.length_s for s in more.hidden), Fraction(0))
    words += [f"is in shadow for {float(shaded):.1f} s"] if more.hidden else []
    return [f"was recognised: {' and '.join(words)} now"] if words else []


def _voice(more: Raised) -> list[str]:
    if more.silent:
        return ["has no voice in the result: the new one was recognised, or could not be tried"]
    tried = "the first new voice was" if more.voices == 1 else f"the first {more.voices} new voices were"
    return [f"has another voice: {tried} recognised"] if more.voices else []
