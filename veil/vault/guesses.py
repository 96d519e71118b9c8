"""Limits on guessing: after some wrong tries each next one has to wait longer; what was tried is kept nowhere.

In memory each call sign, one that nobody has included, waits for itself, under a hash whose key dies with the process.
On the disk there is one figure for all: so a restart is no way round, and the disk tells no call sign.
Getting in forgives nothing: whoever was given one passphrase of a call sign would clear the way to guess the other.
"""

import secrets
import struct
import threading
import time
import unicodedata
from hashlib import blake2b
from pathlib import Path

from veil.errors import VeilError
from veil.vault.turn import turn
from veil.whole import write_whole

FREE = 3  # wrong tries that cost no wait
LONGEST_S = 300.0
_FADES_S = 600.0  # after so long half of the wrong tries are forgiven
_MOST_KNOWN = 4096
_FORM = struct.Struct("<dd")


class TooSoon(VeilError):
    """Too many wrong tries: the next one has to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many wrong tries", "wait a little, then try again")
        self.seconds = max(1, int(seconds + 0.999))


class Guesses:
    """The wrong tries at one vault."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = secrets.token_bytes(32)
        self._wrong: dict[bytes, tuple[float, float]] = {}  # who: how many, and when the last was
        self._guard = threading.Lock()
        level, at = self._kept()
        self._floor = (level * 0.5 ** (max(0.0, time.time() - at) / _FADES_S), time.monotonic())

    def check(self, call_sign: str) -> None:
        """Raise `TooSoon` if this call sign has to wait."""
        with self._guard:
            level, last = self._wrong.get(self._who(call_sign), self._floor)
        now = time.monotonic()
        faded = level * 0.5 ** ((now - last) / _FADES_S)
        wait = 0.0 if faded < FREE - 0.1 else min(LONGEST_S, 2.0 ** (faded - FREE + 1))
        if now - last < wait:
            raise TooSoon(wait - (now - last))

    def wrong(self, call_sign: str) -> None:
        """Remember one wrong try."""
        now, who = time.monotonic(), self._who(call_sign)
        with self._guard:
            level, last = self._wrong.pop(who, self._floor)
            if len(self._wrong) >= _MOST_KNOWN:
                self._wrong.pop(next(iter(self._wrong)))
            self._wrong[who] = (level * 0.5 ** ((now - last) / _FADES_S) + 1, now)
            with turn(self.path.parent):
                level, at = self._kept()
                kept = min(64.0, level * 0.5 ** (max(0.0, time.time() - at) / _FADES_S) + 1)
                write_whole(self.path, _FORM.pack(kept, time.time()))

    def _kept(self) -> tuple[float, float]:
        try:
            level, at = _FORM.unpack(self.path.read_bytes())
        except (FileNotFoundError, struct.error):
            return 0.0, 0.0
        return (level, at) if 0 <= level <= 64 else (0.0, 0.0)

    def _who(self, call_sign: str) -> bytes:
        told = unicodedata.normalize("NFKC", call_sign).strip().casefold().encode(errors="surrogatepass")
        return blake2b(told, key=self._key, digest_size=16).digest()


_of: dict[Path, Guesses] = {}
_guard = threading.Lock()


def of(folder: Path) -> Guesses:
    """Return the guesses at the vault in a folder."""
    with _guard:
        if folder not in _of:
            _of[folder] = Guesses(folder / "waits")
        return _of[folder]


def make(path: Path) -> None:
    """Write the figure of a vault at which nobody guessed yet."""
    write_whole(path, _FORM.pack(0.0, 0.0))
