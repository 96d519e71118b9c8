"""`veil serve`: open a vault's pages in the browser of this machine; or an invented network, to try things out."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from veil.cli.say import language
from veil.errors import VeilError

PORT = 8642


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--demo", is_flag=True, help="serve an invented network, and destroy it at the end")
@click.option(
    "--language", "tongue", type=click.Choice(["en", "ru"]), help="of the invented network  [default: this machine's]"
)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one")
@click.option("--postgres", help='a team\'s PostgreSQL, as "host=... dbname=..."; its password belongs in ~/.pgpass')
@click.option("--no-browser", is_flag=True, help="only say the address")
def serve(
    folder: Path | None, demo: bool, tongue: str | None, port: int, postgres: str | None, no_browser: bool
) -> None:
    """Serve the casework of the vault in FOLDER to browsers on this machine, until Ctrl-C

    \b
    example:
      veil serve ~/notes
      veil serve --demo
    """
    if demo == (folder is not None):
        raise VeilError("name a vault's folder, or take --demo", "run `veil serve ~/notes`, or `veil serve --demo`")
    if postgres and "password" in postgres:
        raise VeilError("a password on the command line stays in its history", "put it in ~/.pgpass instead")
    pages = import_module("veil.web.serve")  # by name: of the two doors into the house neither leans on the other

    def tell(served: Any) -> None:
        for line in _said(served):
            click.echo(line)
        if not no_browser:
            pages.open_browser(served.address)

    if folder is None:
        click.echo("making an invented network", err=True)
        pages.serve_demo(port, tongue or language(), tell)
    else:
        pages.serve(folder, port, postgres, tell)


def _said(served: Any) -> list[str]:
    if served.demo is None:
        return [served.address]
    wide = max(len(sign) for sign, _role in served.demo.workers)
    return [
        served.address,
        f"passphrase of all  {served.demo.passphrase}",
        *(f"  {sign:<{wide}}  {role}" for sign, role in served.demo.workers),
        f"decoy of {served.demo.forced}  {served.demo.decoy}",
        "nobody in this network exists; Ctrl-C destroys it",
    ]
