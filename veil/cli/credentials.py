"""`veil credentials`: a signed note in the finished film that people are disguised."""

from pathlib import Path

import click

from veil.cli.say import answer, as_json
from veil.desk import Desk

_WARNING = (
    "! veil: warning: a certificate names its owner, and everyone who has the film can read it there\n"
    "! veil: hint: sign with a certificate of an organisation that nobody can be traced through, or do not sign"
)


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), required=True, help="your private key (.pem)")
@click.option("--certificate", type=click.Path(path_type=Path), required=True, help="its chain of certificates (.pem)")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="where the signed copy goes")
@as_json
def credentials(case: Path, result: Path, key: Path, certificate: Path, out: Path | None, as_json: bool) -> None:
    """Write a copy of the finished RESULT of CASE with Content Credentials, signed with your key

    They say that people are digitally disguised and what was done, and nothing of the original, the witness or the
    crew. But a certificate names its owner: whoever has the film can read whose it is.

    \b
    example:
      veil credentials interview.veil interview.veiled.mp4 --key key.pem --certificate chain.pem
    """
    desk = Desk.reopen(case)
    signed = out or result.with_name(f"{result.stem}.signed{result.suffix}")
    click.echo(_WARNING, err=True)
    said = desk.credentials(result, key, certificate, signed)
    lines = [*(f"says  {words}" for words in said), f"signed  {signed}"]
    answer("\n".join(lines), {"signed": str(signed), "says": said}, as_json)
