"""`veil watch`: who is in the film."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json, bar
from veil.desk import Desk


@click.command()
@click.argument("film", type=click.Path(path_type=Path))
@click.option("--case", type=click.Path(path_type=Path), help="the case folder (default: beside the film, .veil)")
@as_json
def watch(film: Path, case: Path | None, as_json: bool) -> None:
    """Find everyone in FILM and write a case folder with a contact sheet of the cast

    \b
    example:
      veil watch interview.mp4
    """
    desk = Desk(film, case, bar)
    seen = desk.watch()
    people = {p.label: len(p.tracks) for p in seen.cast.people}
    facts = {
        "case": str(desk.folder.path),
        "frames": seen.frames,
        "undecodable": seen.undecodable,
        "shots": len(seen.shots),
        "people": people,
        "cast": str(desk.folder.path / "cast.html"),
    }
    words = [f"{seen.frames} frames, {len(seen.shots)} shots, {len(people)} people"]
    words += [f"{label}  {count} tracks" for label, count in people.items()]
    words += [f"cast  {facts['cast']}", f"case  {facts['case']}"]
    answer("\n".join(words), facts, as_json)
