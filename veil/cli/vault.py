"""`veil vault`: make a vault, look whether it is whole, copy it, bring it back, destroy what is due."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import click

from veil.cli.say import answer, as_json, language
from veil.errors import VeilError

_path = click.Path(path_type=Path)


@dataclass(frozen=True)
class Where:
    """Which vault, where the call sign and the passphrase are read from, and whether a security key is asked too."""

    folder: Path
    postgres: str | None
    secrets: int | None
    key: bool = False
    read: list[str] = field(default_factory=list, repr=False)  # what the pipe held: it is read once

    def words(self, *asked: str) -> list[str]:
        """Return what was typed without an echo, or what stands on the lines of a file descriptor."""
        if self.secrets is None:
            return [click.prompt(told, hide_input=told != asked[0], err=True) for told in asked]
        return [*self.lines()[:2], self.lines()[1]][: len(asked)]

    def lines(self) -> list[str]:
        """Return the lines of the file descriptor: call sign, passphrase and, for a security key, its PIN."""
        if not self.read and self.secrets is not None:
            with os.fdopen(os.dup(self.secrets), encoding="utf-8") as file:
                self.read.extend(file.read().splitlines())
        if len(self.read) < 2:
            raise VeilError("the call sign and the passphrase are missing", "write each on a line of its own")
        return self.read

    def touch(self) -> None:
        """Say that the security key waits for a finger."""
        click.echo("touch the security key when it blinks", err=True)

    def pin(self) -> str:
        """Return the security key's PIN."""
        if self.secrets is not None:
            return "".join(self.lines()[2:3])
        return str(click.prompt("the security key's PIN", hide_input=True, err=True, default="", show_default=False))


def _where(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the words that every verb of the vault takes."""
    told = 'a team\'s PostgreSQL, as "host=... dbname=..."; its password belongs in ~/.pgpass'
    verb = _in_words(verb)
    verb = click.option("--passphrase-fd", type=int, help="read call sign and passphrase from here, a line each")(verb)
    verb = click.option("--postgres", help=told)(verb)
    return click.argument("folder", type=_path)(verb)


def _key(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the word with which a verb that unlocks asks for a security key too."""
    told = "a security key belongs to the passphrase: ask the one on USB (its PIN: a third line, or it is asked for)"
    return click.option("--key", is_flag=True, help=told)(verb)


def _in_words(verb: Callable[..., None]) -> Callable[..., None]:
    """Say what went wrong with the disk or the store as everything else is said."""

    @wraps(verb)
    def told(*args: Any, **named: Any) -> None:
        from django.db import DatabaseError

        from veil.casework.troubles import said_of

        try:
            verb(*args, **named)
        except (DatabaseError, OSError) as error:
            raise said_of(error) from error

    return told


def _ready(folder: Path, postgres: str | None, passphrase_fd: int | None, key: bool = False) -> Where:
    from veil.casework.ready import ready

    if postgres and "password" in postgres:
        raise VeilError("a password on the command line stays in its history", "put it in ~/.pgpass instead")
    ready(folder, postgres)
    return Where(folder, postgres, passphrase_fd, key)


def _unlocked(where: Where) -> Any:
    """Return the hand of whoever types their words, or raise VeilError; whether they have a key nobody can tell."""
    from veil.casework.network import opening

    call_sign, passphrase = where.words("call sign", "passphrase")
    try:
        *others, last = _of_key(where) if where.key else (b"",)
        for extra in others:  # a key that serves several vaults gives something for each
            with suppress(opening.WrongPassphrase):
                return opening.unlock(call_sign, passphrase, extra)
        return opening.unlock(call_sign, passphrase, last)
    except opening.WrongPassphrase as error:
        if where.key:
            raise
        hint = "check the call sign and the passphrase; if a security key belongs to them, plug it in and add --key"
        raise VeilError(str(error), hint) from error


def _of_key(where: Where) -> tuple[bytes, ...]:
    """Return what the security key that is plugged in gives for this vault; raise VeilError without one."""
    from veil.casework.network import opening
    from veil.vault import usb_key
    from veil.vault.security_key import Place, begin_unlock, salt_of

    return usb_key.unlock(begin_unlock(salt_of(opening.slots().salt), Place()), usb_key.plugged_in(), where)


def _leave() -> None:
    from veil.vault import stores

    for store in ("a", "b"):
        stores.lock(store)


@click.group()
def vault() -> None:
    """Make, verify, back up and restore the sealed vault of the casework, and destroy what is due

    \b
    example:
      veil vault new ~/notes
    """


@vault.command()
@_where
@as_json
def new(folder: Path, postgres: str | None, passphrase_fd: int | None, as_json: bool) -> None:
    """Make a vault in FOLDER and let its first coordinator in; asks for a call sign and a passphrase

    \b
    example:
      veil vault new ~/notes
    """
    where = _ready(folder, postgres, passphrase_fd)
    from veil.casework.network.opening import Member, found
    from veil.casework.network.roles import Role
    from veil.vault import phrases
    from veil.vault.cost import measured

    if where.secrets is None:
        click.echo(f"a passphrase for you, to remember and write nowhere:\n  {phrases.offered(language())}", err=True)
    sign, passphrase, again = where.words("call sign", "passphrase", "the same passphrase again")
    if passphrase != again:
        raise VeilError("the two passphrases differ", "run it again")
    if phrases.weak(passphrase, sign):
        raise VeilError(
            "this passphrase is guessed too easily",
            f"take the one that is offered, or {phrases.LEAST} letters and more that have nothing to do with you",
        )
    found(folder, Member(sign, passphrase, Role.COORDINATOR), measured())
    _leave()
    answer(f"vault  {folder}", {"vault": str(folder)}, as_json)


@vault.command()
@_where
@_key
@as_json
def verify(folder: Path, postgres: str | None, passphrase_fd: int | None, key: bool, as_json: bool) -> None:
    """Look whether the vault in FOLDER is whole: every page, the audit, every record that your keys reach

    A backup is a vault's folder too: verify it in the same way. There every byte of every file is looked at; in a vault
    that is worked in, the store of your own world, its noise, and what your keys open.

    \b
    example:
      veil vault verify /media/stick/notes
    """
    where = _ready(folder, postgres, passphrase_fd, key)
    from veil.casework import world
    from veil.casework.keeping import sums
    from veil.casework.keeping.verify import verify as look

    is_backup = (folder / "sums").is_file()
    rotten = [f"this file is not as it was written: {name}" for name in sums.differing(folder)]
    hand = _unlocked(where)
    try:
        with world.within(hand.store):
            seen = look(hand)
    finally:
        _leave()
        if is_backup and not rotten:
            sums.write(folder)  # looking leaves a trace in it
    problems = (*rotten, *seen.problems)
    lines = [f"audit  {seen.events} events", f"records  {seen.opened} opened, of {seen.sealed}", *problems]
    answer("\n".join([*lines, "not whole" if problems else "whole"]), vars(seen) | {"problems": problems}, as_json)
    if problems:
        raise click.exceptions.Exit(1)


@vault.command()
@_where
@_key
@click.option("--to", "target", type=_path, required=True, help="a folder on another disk")
@click.option("--noise", type=_path, help="a folder for the noise, apart from the backup and always in reach")
@as_json
def backup(  # noqa: PLR0913  (one word each of the command line)
    folder: Path,
    postgres: str | None,
    passphrase_fd: int | None,
    key: bool,
    target: Path,
    noise: Path | None,
    as_json: bool,
) -> None:
    """Copy the vault in FOLDER, sealed as it is; a backup that is there already is replaced

    Letters of the public form that nobody has opened are taken in first; answers that wait for their readers are left
    out. What is purged later does not open from a backup once its small file `noise` has followed. With --noise that
    file lies elsewhere: keep it where purging reaches it, and a backup that you cannot reach any more yields nothing.

    \b
    example:
      veil vault backup ~/notes --to /media/stick/notes --noise /media/key/notes
    """
    hand = _unlocked(_ready(folder, postgres, passphrase_fd, key))
    from veil.casework import world
    from veil.casework.keeping import backups

    try:
        backups.back_up(hand, target, noise)
        with world.within(hand.store):
            owed = backups.owed().folders
    finally:
        _leave()
    lines = [f"backup  {target}", *(f"owed  {one}" for one in owed)]
    answer("\n".join(lines), {"backup": str(target), "owed": owed}, as_json)


@vault.command()
@click.argument("folder", type=_path)
@click.option("--from", "source", type=_path, required=True, help="the backup's folder")
@click.option("--noise", type=_path, help="where its noise lies, if apart from it")
@click.option("--postgres", help='a team\'s PostgreSQL, as "host=... dbname=..."; restore it with its own tools first')
@click.option("--yes", is_flag=True, help="do not ask whether the records since the backup may go")
@click.option("--damaged", is_flag=True, help="take a backup of which some bytes have changed: there is no better one")
@as_json
def restore(  # noqa: PLR0913  (one word each of the command line)
    folder: Path, source: Path, noise: Path | None, postgres: str | None, yes: bool, damaged: bool, as_json: bool
) -> None:
    """Bring the vault in FOLDER back from a backup, or make it anew from there

    What was purged since the backup does not come back, and whoever was revoked stays out, as long as the vault's own
    files `slots` and `noise` are whole; where they are not, revoke again whoever was revoked since. Records that were
    written since the backup are lost, and so are letters of the public form and answers in its mailboxes.

    \b
    example:
      veil vault restore ~/notes --from /media/stick/notes
    """
    from veil.casework.ready import ready

    if folder.exists() and any(folder.iterdir()) and not yes:
        click.confirm("records written since the backup will be lost; go on?", abort=True, err=True)
    ready(folder, postgres)
    from veil.casework.keeping.backups import restore as bring_back

    bring_back(source, folder, noise, even_if_damaged=damaged)
    answer(f"vault  {folder}", {"vault": str(folder)}, as_json)


@vault.command()
@_where
@_key
@click.option("--backup", "at", type=_path, multiple=True, help="a backup that was out of reach: purge it too")
@click.option("--gone", type=_path, multiple=True, help="a backup that was itself destroyed: nothing is owed there")
@as_json
def purge(  # noqa: PLR0913  (one word each of the command line)
    folder: Path,
    postgres: str | None,
    passphrase_fd: int | None,
    key: bool,
    at: tuple[Path, ...],
    gone: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Destroy what is due in the vault in FOLDER, here and in every backup that is in reach; say what is still owed

    \b
    example:
      veil vault purge ~/notes --backup /media/stick/notes
    """
    hand = _unlocked(_ready(folder, postgres, passphrase_fd, key))  # unlocking destroys what is due
    from veil.casework import world
    from veil.casework.keeping import backed_up, backups

    try:
        with world.within(hand.store):
            for one in at:
                backed_up.follow_at(one)
            for one in gone:
                backed_up.forget(hand, one)
            backed_up.follow()
            owed = backups.owed().folders
    finally:
        _leave()
    lines = ["what was due is destroyed", *(f"owed  {one}" for one in owed)]
    answer("\n".join(lines), {"owed": owed}, as_json)
