"""How the command line speaks: errors with a hint, results as words or JSON, progress with the time left."""

import json
import locale
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from veil.errors import VeilError

T = TypeVar("T")


def complain(error: VeilError) -> int:
    """Say what happened and what to do next; return the exit code."""
    click.echo(f"! veil: error: {error}", err=True)
    click.echo(f"! veil: hint: {error.hint}", err=True)
    return error.exit_code


def answer(words: str, facts: dict[str, Any], as_json: bool) -> None:
    """Print the result on stdout."""
    click.echo(json.dumps(facts) if as_json else words)


def bar(items: Iterable[T], *, doing: str, total: int | None = None) -> Iterator[T]:
    """Show a bar with the time left on a terminal; nothing where stderr is not one."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from items
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as shown:
        task = shown.add_task(doing, total=total)
        for item in items:
            yield item
            shown.advance(task)


def language() -> str:
    """Return the language of this machine, of those that Veil has words in."""
    return "ru" if (locale.getlocale()[0] or "").startswith(("ru", "Russian")) else "en"


as_json = click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
