"""`veil attack`: play the opponent on the result."""

from dataclasses import asdict
from pathlib import Path

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk
from veil.errors import Exposed, NotProven, VeilError
from veil.nouns.report import Attack, Report


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="the name the finished film has, or will have")
@click.option(
    "--prove", is_flag=True, help="instead: repaint each face in the film, and say what changes in the result"
)
@as_json
def attack(case: Path, out: Path | None, prove: bool, as_json: bool) -> None:
    """Attack the cut of CASE: search every frame, and try to recognise everyone in it

    A .part that is found safe gets its final name; a finished film that is not becomes a .part again. Writes
    report.html and report.json into the case folder. Exits with 3 when someone would be exposed, with 1 when it is not
    proven that nobody would.

    \b
    example:
      veil attack interview.veil -o interview.veiled.mp4
      veil attack interview.veil --prove
    """
    desk = Desk.reopen(case, bar)
    if prove:
        _prove(desk, as_json)
        return
    final = out or desk.film.with_name(f"{desk.film.stem}.veiled.mp4")
    part = final.with_name(final.name + ".part")
    if part.is_file() and final.exists():
        raise VeilError("the result exists already", "choose another name with -o, or remove it")
    target = part if part.is_file() else final
    if not target.is_file():
        raise VeilError("there is no cut to attack", "run `veil cut CASE` first")
    report = desk.attack(target)
    if report.safe and target == part:
        desk.finish(part, final)
    if not report.safe and target == final:  # no file under the final name shows somebody
        final.replace(part)
    _tell(desk, report, final, as_json)
    complain(report)


def _tell(desk: Desk, report: Report, final: Path, as_json: bool) -> None:
    facts = {
        "result": str(final),
        "report": str(desk.folder.page),
        "frames": report.frames,
        "verdict": report.verdict,
        "attacks": [asdict(a) for a in report.attacks],
        "findings": len(report.findings),
        **desk.seconds,
    }
    searched = f"{report.frames} frames searched, {_shown(report)}"
    lines = [*table(report.attacks), searched, f"report  {desk.folder.page}"]
    answer("\n".join(lines + ([f"result  {final}"] if report.safe else [])), facts, as_json)


def table(attacks: tuple[Attack, ...]) -> list[str]:
    """Return a line for each attack: who, through what, score, limit, verdict; the worst first."""
    rows = [(a.person or "film", a.channel, _score(a), a.verdict) for a in attacks]
    wide = [max((len(row[k]) for row in rows), default=0) for k in range(3)]
    return ["  ".join([*(row[k].ljust(wide[k]) for k in range(3)), row[3]]) for row in rows]


def _score(attack: Attack) -> str:
    if attack.score is None:
        return ""
    if attack.channel == "rank":
        return f"place {attack.score:,.0f}"
    return f"{attack.score:.3g}" + ("" if attack.limit is None else f" of {attack.limit:.3g}")


def _shown(report: Report) -> str:
    return f"{len(report.findings)} places show somebody" if report.findings else "nobody shows"


def complain(report: Report) -> None:
    """Raise what a report that is not safe calls for."""
    if report.verdict == "exposed":
        raise Exposed(
            report.exposure(), "choose a stronger cover in plan.toml, or run `veil disguise`, which raises it"
        )
    if report.verdict == "not proven":
        raise NotProven(*report.unproven())


def _prove(desk: Desk, as_json: bool) -> None:
    """Say for each person the largest change that repainting their face could cause in the result."""
    proof = desk.prove()
    lines = []
    for trial in proof.trials:
        light = "" if trial.most is None else f", {trial.most:.1f} with the light measured anew"
        lines.append(
            f"{trial.person}  {trial.brush.ljust(8)}  the film changed by up to {trial.before:.0f}, "
            f"the result by {trial.held:.1f}{light}  {trial.verdict}"
        )
    facts = {"verdict": proof.verdict, "trials": [{**asdict(t), "verdict": t.verdict} for t in proof.trials]}
    lines += [f"{a.person}  {a.said}" for a in proof.attacks if a.verdict == "not proven"]
    answer("\n".join(lines), facts, as_json)
    if proof.verdict == "exposed":
        raise Exposed("what a face looks like changes the result", "choose shadow or blackout for them in plan.toml")
    if proof.verdict == "not proven":
        raise NotProven(
            "not everyone could be tried, or nobody", "look at the frames in which they wear a double yourself"
        )
