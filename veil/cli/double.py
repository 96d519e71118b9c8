"""`veil double`: a face that volunteers lend, made, composed, withdrawn."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from veil.cli.say import answer, as_json, bar
from veil.desk import compose_double, consent_template, make_double, withdraw_double
from veil.nouns.double import FOLDS
from veil.stages.lend import Told

_BUILD = {"female": 0.0, "male": 1.0, "between": 0.5}
_path = click.Path(path_type=Path)
_title = click.option("--film", "title", default="", help="title of the film it is for: refused unless lent for it")
_age = click.option(
    "--age", type=click.IntRange(18, 120), default=40, show_default=True, help="for the wardrobe's list"
)
_sex = click.option("--sex", type=click.Choice(list(_BUILD)), help="for casting; guessed where it is not given")


@click.group()
def double() -> None:
    """Make a double of someone who lends their face, or take it back

    \b
    example:
      veil double make mira front.jpg left.jpg right.jpg --consent consent.toml
    """


@double.command()
@click.argument("name")
@click.argument("sources", nargs=-1, required=True, type=_path, metavar="PHOTO... | CLIP")
@click.option("--consent", required=True, type=_path, help="what the lender agreed to; see `veil double template`")
@_title
@_age
@_sex
@as_json
def make(name: str, sources: tuple[Path, ...], consent: Path, as_json: bool, **said: Any) -> None:
    """Make the double NAME of one person

    From one calm photo from the front, better from several (front, left, right), best from a short clip in which they
    look calm, turn to both sides, raise the brows, frown, smile and show their teeth. Even light, no glasses, the hair
    off the forehead. What does not serve is said, and then nothing is kept.

    \b
    example:
      veil double make mira front.jpg left.jpg right.jpg --consent consent.toml
    """
    made = make_double(_told(name, said), sources, consent, said["title"], bar)
    folds = [] if made.double.folds is None else [f for f, m in zip(FOLDS, made.double.folds, strict=True) if np.ptp(m)]
    facts = {"double": name, "views": made.views, "folds": folds, "tone": made.double.tone, "sex": made.double.sex}
    words = [f"{name}  made of {made.views} {'view' if made.views == 1 else 'views'}"]
    words += [f"its skin folds with: {', '.join(folds)}"] if folds else []
    answer("\n".join([*words, _use(name)]), facts, as_json)


@double.command()
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=_path, metavar="PHOTO...")
@click.option(
    "--consent", "consents", required=True, multiple=True, type=_path, help="one of each, or a folder of them"
)
@_title
@_age
@_sex
@as_json
def compose(name: str, photos: tuple[Path, ...], consents: tuple[Path, ...], as_json: bool, **said: Any) -> None:
    """Make the double NAME of five people or more, one photo of each

    It is none of them: every recogniser of Veil is shown it beside each photo, and when one of them is known in it,
    nothing is kept.

    \b
    example:
      veil double compose nobody ana.jpg ben.jpg caro.jpg dan.jpg eli.jpg --consent consents/
    """
    files = [f for c in consents for f in (sorted(c.glob("*.toml")) if c.is_dir() else [c])]
    made = compose_double(_told(name, said), photos, files, said["title"])
    facts = {"double": name, "of": made.views, "nearest": list(made.near)}
    words = [f"{name}  made of {made.views} people", f"nearest to being recognised: {max(made.near):.2f} of 1"]
    answer("\n".join([*words, _use(name)]), facts, as_json)


_LEFT = "unfinished films may still hold it: delete cut/ and *.part in their case folders, and sheets of doubles"


@double.command()
@click.argument("name")
@as_json
def withdraw(name: str, as_json: bool) -> None:
    """Destroy the lent double NAME; only who lent it, until when, and the films that used it stay on record

    \b
    example:
      veil double withdraw mira
    """
    kept = withdraw_double(name)
    films = [{"title": w.title, "on": w.on.isoformat(), "result": w.result} for w in kept.worn]
    words = [f"{name}  withdrawn, its pictures are destroyed", _LEFT]
    words += [f"used by  {w.title}  {w.on}" for w in kept.worn]
    answer("\n".join(words), {"double": name, "withdrawn": str(kept.withdrawn), "films": films}, as_json)


@double.command()
@click.argument("out", type=_path)
@as_json
def template(out: Path, as_json: bool) -> None:
    """Write a consent to OUT, to be filled in with the person who lends their face

    \b
    example:
      veil double template consent.toml
    """
    consent_template(out)
    answer(f"consent  {out}", {"consent": str(out)}, as_json)


def _told(name: str, said: dict[str, Any]) -> Told:
    return Told(name, said["age"], _BUILD.get(said["sex"]))


def _use(name: str) -> str:
    return f'write `double = "{name}"` and `title = "..."` into plan.toml to have it worn'
