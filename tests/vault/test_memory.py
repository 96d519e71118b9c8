"""Memory and the swap: what the process says of itself is what the system says of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from veil.__main__ import main
from veil.vault import memory

_CODE = """
import os, re, resource, sys
from veil.__main__ import main
from veil.vault import memory
memory.swaps = lambda: {swaps}
{before}
told = any("swap" in one for one in memory.guard())
later = bytearray(1 << 20)
maps = re.findall(r"^[0-9a-f]+-[0-9a-f]+ rw.p .*?^VmFlags:(.*?)$", open("/proc/self/smaps").read(), re.M | re.S)
locked = [" lo " in flags + " " for flags in maps]
print(told, all(locked) and len(locked) > 3, sum(locked))
"""
_AS_MOST_ARE = """
resource.setrlimit(resource.RLIMIT_MEMLOCK, (8 << 20, 8 << 20))
if os.geteuid() == 0:
    os.setuid(65534)
"""
_LIES = "memory._lock = lambda _system: None"  # a system that says yes, and does nothing


def _told(before: str = "", swaps: str = "('/dev/sda2',)") -> tuple[bool, bool]:
    words = [sys.executable, "-c", _CODE.format(before=before, swaps=swaps)]
    said = subprocess.run(words, check=True, capture_output=True, text=True, env=memory.hardened_environment())
    told, locked, _count = said.stdout.split()
    return told == "True", locked == "True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at what Linux tells of a process")
@pytest.mark.parametrize("before", ["", _AS_MOST_ARE, _LIES], ids=["as it is", "as most users are", "refused"])
def test_what_is_said_of_the_swap_is_so(before: str) -> None:
    """Locked, page for page, by the system's own table, now and later: nothing is said; otherwise it is said."""
    told, locked = _told(before)
    assert told is not locked
    assert not before or told
    if not before and os.geteuid() == 0 and int(_capabilities(), 16) >> 14 & 1:  # CAP_IPC_LOCK
        assert locked


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at what Linux tells of a process")
def test_without_a_swap_nothing_is_said() -> None:
    """Nobody is told to turn off what is not on."""
    assert _told(_LIES, swaps="()") == (False, False)


def _capabilities() -> str:
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(row.split()[1] for row in rows if row.startswith("CapEff:"))


@pytest.mark.parametrize(
    ("words", "guarded"),
    [
        (["serve", "notes"], True),
        (["vault", "verify", "notes"], True),
        (["vault", "--help"], False),
        (["disguise", "film.mp4"], False),
        ([], False),
    ],
)
def test_whatever_opens_a_vault_is_guarded_first(
    words: list[str], guarded: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read or asked for: started anew in a hardened environment, then kept out of the swap."""
    told: list[object] = []

    def guard() -> tuple[str, ...]:
        told.append("guard")
        return ("memory may go to the swap",)

    monkeypatch.setattr(sys, "argv", ["veil", *words])
    monkeypatch.setattr(memory, "start_anew", told.append)
    monkeypatch.setattr(memory, "guard", guard)
    monkeypatch.setattr("veil.cli.run", told.append)
    with pytest.raises(SystemExit):
        main()
    assert told == ([["-m", "veil", *words], "guard", words] if guarded else [words])
    assert (capsys.readouterr().err == "! veil: warning: memory may go to the swap\n") is guarded
