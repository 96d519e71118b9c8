"""The command line: one file a verb; words in, words out.

stdout is the result, stderr the rest; no capitals, no full stops; every help text ends in an example.
"""

import click

from veil import __version__
from veil.cli import (
    attack,
    credentials,
    cut,
    disguise,
    double,
    doubles,
    hear,
    plan,
    publish,
    scene,
    serve,
    vault,
    voice,
    watch,
    words,
)
from veil.cli.say import complain
from veil.errors import VeilError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="veil")
def veil() -> None:
    """Disguise people in a film so that nobody can recognise them

    \b
    example:
      veil disguise interview.mp4
    """


_VERBS = (
    disguise.disguise, watch.watch, hear.hear, words.words, plan.plan, scene.scene, cut.cut, attack.attack,
    publish.publish, doubles.doubles, double.double, voice.voice, credentials.credentials, serve.serve, vault.vault,
)  # fmt: skip

for verb in _VERBS:
    veil.add_command(verb)


def run(told: list[str]) -> int:
    """Run one command and return its exit code: 0 safe, 1 failed, 2 usage, 3 someone would be exposed."""
    try:
        code = veil.main(told, prog_name="veil", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except VeilError as error:
        return complain(error)
    except click.UsageError as error:
        click.echo(f"! veil: error: {_lower(error.format_message())}", err=True)
        click.echo(f"! veil: hint: see `{error.ctx.command_path if error.ctx else 'veil'} --help`", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("! veil: error: interrupted\n! veil: hint: run it again to go on", err=True)
        return 1


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
