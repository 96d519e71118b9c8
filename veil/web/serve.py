"""Serving: the pages of one vault, to browsers on this machine only; or of an invented network that ends with it."""

import errno
import logging
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from veil.errors import VeilError
from veil.vault import memory, unfinished

HERE = ("127.0.0.1", "::1")  # never another: whoever is elsewhere comes through an onion service
NAME = "localhost"  # security keys answer to no bare address
_TRIES = 20
THREADS = 8
SWITCH_S = 0.0005  # as Python comes, a thread that only takes in or sends waits ten times as long for one that computes


@dataclass(frozen=True)
class Served:
    """What is served: where, and, of an invented network, who can unlock it."""

    address: str
    demo: Any = None


def serve(folder: Path, port: int, postgres: str | None, tell: Callable[[Served], None]) -> None:
    """Serve the vault in `folder` until somebody stops it; `tell` is called when the pages can be reached.

    In an empty folder the first page makes a vault.
    """
    from veil.casework.ready import ready

    nothing = not (folder / "slots").exists() and not unfinished.is_unfinished(folder)
    if nothing and folder.exists() and any(folder.iterdir()):
        raise VeilError("there is no vault in this folder", "name an empty folder to make one, or the vault's own")
    ready(folder, postgres, "veil.web.settings")
    _serve(port, lambda address: tell(Served(address)))


def serve_demo(port: int, language: str, tell: Callable[[Served], None]) -> None:
    """Make the invented network in a folder of its own, serve it until somebody stops it, and destroy the folder."""
    for one in _taken(port):  # said at once if it is in use, not after the network was made
        one.close()
    with _stopped_alike(), tempfile.TemporaryDirectory(prefix="notes-") as place:
        demo = furnish(Path(place) / "vault", language)
        _serve(port, lambda address: tell(Served(address, demo)))


def furnish(folder: Path, language: str) -> Any:
    """Make the invented network in a folder, have every page say what it is, and return who can unlock it."""
    from veil.casework.ready import ready

    ready(folder, settings="veil.web.settings")
    from django.conf import settings

    from veil.casework import demo

    settings.DEMO = True
    return demo.fill(folder, language)


def open_browser(address: str) -> None:
    """Show the first page in this machine's browser, if it has one."""
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # one in a terminal would hold the pages up


def _serve(port: int, tell: Callable[[str], None]) -> None:
    from waitress.server import create_server

    from veil.web.wsgi import application

    logging.getLogger("waitress").setLevel(logging.CRITICAL + 1)  # its words could hold addresses
    sys.setswitchinterval(SWITCH_S)
    sockets = _taken(port)
    server = create_server(application, sockets=sockets, threads=THREADS, ident=None, **memory.SERVER)
    tell(f"http://{NAME}:{sockets[0].getsockname()[1]}/")
    try:
        with _stopped_alike():
            server.run()  # returns when it is interrupted
    finally:
        server.close()
        _lock()


def _taken(port: int) -> list[socket.socket]:
    """Return sockets at every address that `localhost` can mean, or another program could take the passphrases."""
    for _try in range(1 if port else _TRIES):
        first = _bound(socket.AF_INET, HERE[0], port)
        try:
            found = [first, _bound(socket.AF_INET6, HERE[1], first.getsockname()[1])]
        except VeilError:
            first.close()
            continue
        except OSError:
            found = [first]  # a machine without the newer kind of address
        return found
    raise _InUse


def _bound(family: int, host: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise _InUse from error
        raise
    return made


class _InUse(VeilError):
    """Another program has the port, or it is not this user's to take."""

    def __init__(self) -> None:
        super().__init__(
            "this port is in use, or not yours to take",
            "is Veil open already? look in your browser; otherwise take another one with --port, as --port 8643",
        )


def _lock() -> None:
    from veil.web import door

    for token in list(door._sessions):  # noqa: SLF001  (the door is of this wing)
        door.leave(token)


@contextmanager
def _stopped_alike() -> Iterator[None]:
    """Let being ended (a window that closes, a machine that shuts down) stop it as Ctrl-C does: locked, and tidied."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
