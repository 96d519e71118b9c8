"""`veil voice`: a volunteer speaks the words again; their script, their takes, their consent."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.disguise.lent import today
from veil.disguise.voices import volunteer
from veil.nouns.plan import Plan
from veil.stages.case import Case, CaseFolder, load_case
from veil.stages.escalation import in_force, load_raised
from veil.stages.heard import load_heard
from veil.stages.hidden_words import wording
from veil.stages.plan import make_plan
from veil.stages.recording import Script
from veil.stages.voice_double import (
    Given,
    Handed,
    Hearing,
    check_takes,
    recogniser_for,
    script_for,
    take_back,
    take_in,
    write_script,
)

_path = click.Path(path_type=Path)
_OF = "! veil: warning: whoever knows the volunteer may know their voice in the film; second_pass bends it a little"


@click.group()
def voice() -> None:
    """Let a volunteer speak somebody's words again, or take their voice back

    \b
    example:
      veil voice script interview.veil P1 -o script.html
    """


@voice.command()
@click.argument("case", type=_path)
@click.argument("label")
@click.option("-o", "--out", type=_path, required=True, help="where the script goes: .html to print, or .txt")
@as_json
def script(case: Path, label: str, out: Path, as_json: bool) -> None:
    """Write what the voice double of LABEL has to read, with times

    It holds the disguised words only, and how long each line may last; nothing of the original.

    \b
    example:
      veil voice script interview.veil P1 -o script.html
    """
    known, plan, folder = _opened(case)
    made = script_for(known, plan, folder, label)
    write_script(made, out)
    length_s = float(sum(line.length_s for line in made.lines))
    said = f"script  {out}\n{len(made.lines)} lines, {length_s:.0f} s in all"
    answer(said, {"script": str(out), "lines": len(made.lines), "seconds": length_s}, as_json)


@voice.command()
@click.argument("case", type=_path)
@click.argument("label")
@click.argument("folder", type=_path)
@as_json
def check(case: Path, label: str, folder: Path, as_json: bool) -> None:
    """Say what must be recorded again of the takes in FOLDER; nothing is kept

    \b
    example:
      veil voice check interview.veil P1 takes/
    """
    known, plan, place = _opened(case)
    made = script_for(known, plan, place, label)
    handed, _ = check_takes(made, folder, _hearing(known, plan, place, made))
    _tell(handed, [], as_json)


@voice.command()
@click.argument("case", type=_path)
@click.argument("label")
@click.argument("folder", type=_path)
@click.option("--consent", required=True, type=_path, help="what the volunteer agreed to; see `veil voice template`")
@as_json
def takes(case: Path, label: str, folder: Path, consent: Path, as_json: bool) -> None:
    """Take the recordings in FOLDER into the case, one file a line: 1.wav, 2.wav, ...

    Each is checked; those that are fit are kept beside the plan, without anything that tells where or when they were
    recorded. Lines that must be recorded again can be handed in later, by themselves.

    \b
    example:
      veil voice takes interview.veil P1 takes/ --consent consent.toml
    """
    known, plan, place = _opened(case)
    made = script_for(known, plan, place, label)
    handed = take_in(plan, place, made, Given(folder, consent), _hearing(known, plan, place, made))
    click.echo(_OF, err=True)
    use = [f'write under [people.{label}] in plan.toml: voice = "double", takes = "{handed.folder}",']
    use += [f'voice_consent = "{handed.consent}", and second_pass = true if their own voice is to be bent']
    _tell(handed, use, as_json)


@voice.command()
@click.argument("case", type=_path)
@click.argument("label")
@as_json
def withdraw(case: Path, label: str, as_json: bool) -> None:
    """Destroy the takes of the voice double of LABEL; only who lent it and until when stays on record

    \b
    example:
      veil voice withdraw interview.veil P1
    """
    kept = take_back(CaseFolder(case), label)
    left = "films that are finished, and any *.part beside them, may still hold it"
    answer(f"{label}  the takes are destroyed\n{left}", {"person": label, "withdrawn": str(kept.withdrawn)}, as_json)


@voice.command()
@click.argument("out", type=_path)
@as_json
def template(out: Path, as_json: bool) -> None:
    """Write a consent to OUT, to be filled in with the person who lends their voice

    \b
    example:
      veil voice template consent.toml
    """
    volunteer.write_template(out, today())
    answer(f"consent  {out}", {"consent": str(out)}, as_json)


def _opened(case: Path) -> tuple[Case, Plan, CaseFolder]:
    folder = CaseFolder(case)
    known = load_case(folder)
    return known, in_force(make_plan(known, folder), load_raised(folder)), folder


def _hearing(case: Case, plan: Plan, folder: CaseFolder, made: Script) -> Hearing:
    return Hearing(wording(case, plan, folder, load_heard(folder))[0], recogniser_for(made.lines[0].language))


def _tell(handed: Handed, use: list[str], as_json: bool) -> None:
    """Say what is to be recorded again; leave with 1 while something is."""
    unheard = sum(not c.words_checked for c in handed.checked if not c.again)
    lines = [*handed.again, f"{handed.kept} of {handed.lines} lines are fit to be heard"]
    lines += [f"the words of {unheard} takes were not checked: listen to them yourself"] if unheard else []
    facts = {"fit": handed.kept, "lines": handed.lines, "again": list(handed.again), "words_not_checked": unheard}
    answer("\n".join([*lines, *use]), facts, as_json)
    if handed.again:
        raise click.exceptions.Exit(1)
