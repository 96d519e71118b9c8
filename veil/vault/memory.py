"""Memory: what is freed is overwritten, what is kept does not go to the swap, and a crash leaves no picture of it.

Python keeps freed memory as it was. With its own allocator put aside and glibc told to overwrite what is freed, words
are gone when nobody holds them any more. This must be said before a process starts: so `veil serve` starts itself anew.
"""

import ctypes
import gc
import mmap
import os
import sys
import threading
import urllib.parse
from functools import lru_cache
from pathlib import Path

_PERTURB = 0xA5  # any byte but 0
_PIECE = 200
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_TRIED = 1024 * 1024
_PR_SET_DUMPABLE = 4
_MARK = "VEIL_HARDENED"
_asked = threading.Event()

# For waitress: what is larger than these goes to a temporary file, in the clear; so nothing ever is.
SERVER = {"inbuf_overflow": 1 << 30, "outbuf_overflow": 1 << 30, "max_request_body_size": 64 * 1024 * 1024}


def hardened_environment() -> dict[str, str]:
    """Return the environment to start a process in whose freed memory is overwritten (on Linux with glibc)."""
    told = dict(os.environ)
    tunables = [one for one in told.get("GLIBC_TUNABLES", "").split(":") if one and "glibc.malloc.perturb" not in one]
    tunables.append(f"glibc.malloc.perturb={_PERTURB}")
    # without caches of freed pieces and with few arenas, freed memory is also given back to the system
    tunables += ["glibc.malloc.tcache_count=0", "glibc.malloc.arena_max=2"]
    return told | {
        "PYTHONMALLOC": "malloc",
        "MALLOC_PERTURB_": str(_PERTURB),
        "GLIBC_TUNABLES": ":".join(tunables),
        _MARK: "1",
    }


def start_anew(arguments: list[str]) -> None:
    """Start this Python again with a hardened environment and these arguments (`["-m", "veil", …]`), unless it is so.

    Does not return where it starts anew; where the system has no glibc it returns, and nothing is changed.
    """
    if os.environ.get(_MARK) or not sys.platform.startswith("linux"):
        return
    os.execve(sys.executable, [sys.executable, *arguments], hardened_environment())  # noqa: S606  (fixed words)


def guard() -> tuple[str, ...]:
    """Let no crash write memory to the disk, and keep it out of the swap; return what could not be done, in words."""
    undone = list(missing())
    if sys.platform == "win32":
        return (*undone, "memory may go to the swap file", "a crash may leave memory on the disk")
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        system = ctypes.CDLL(None, use_errno=True)
        if sys.platform.startswith("linux"):
            system.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
            _lock(system)
    except (OSError, AttributeError):
        pass  # another C library: what it did is seen below
    if swaps() and not is_locked():
        undone.append("memory may go to the swap: turn the swap off, or lift this user's limit (ulimit -l unlimited)")
    return tuple(undone)


def is_locked() -> bool:
    """Tell whether what this process holds, and what it asks for next, stays out of the swap: seen, not believed."""
    before, held = _told_kib("VmLck"), _told_kib("RssAnon")
    with mmap.mmap(-1, _TRIED) as piece:
        piece[0] = 1
        grown = _told_kib("VmLck") - before
    return 0 < held <= before and grown * 1024 >= _TRIED


def swaps() -> tuple[str, ...]:
    """Return the swaps that are on, but for those in memory itself; `unknown` where the system does not tell."""
    try:
        rows = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return ("unknown",)
    return tuple(row.split()[0] for row in rows if row.strip() and not row.startswith("/dev/zram"))


def _lock(system: ctypes.CDLL) -> None:
    import resource

    limit, most = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if limit != resource.RLIM_INFINITY == most:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (most, most))
    # with a low limit a later request for memory would fail: then better the swap than a crash
    if os.geteuid() == 0 or most == resource.RLIM_INFINITY:
        # only what is used: else every thread's whole stack would be filled, which is a gigabyte for nothing
        kinds = _MCL_CURRENT | _MCL_FUTURE
        if system.mlockall(kinds | _MCL_ONFAULT) != 0:
            system.mlockall(kinds)  # before Linux 4.4


def _told_kib(name: str) -> int:
    """Return a figure that the system tells of this process, or 0 where it tells none."""
    try:
        rows = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) for row in rows if row.startswith(f"{name}:")), 0)


def missing() -> tuple[str, ...]:
    """Return what this process lacks that only its start could have given it, in words."""
    return () if overwrites() else ("freed memory is not overwritten",)


@lru_cache(maxsize=1)
def overwrites() -> bool:
    """Tell whether what this process frees is overwritten: seen on a piece of memory, not believed."""
    if not sys.platform.startswith("linux") or os.environ.get("PYTHONMALLOC") != "malloc":
        return False
    try:
        system = ctypes.CDLL(None)
        system.malloc.restype = ctypes.c_void_p
        system.malloc.argtypes, system.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
        piece = system.malloc(_PIECE)
        seen = ctypes.string_at(piece, _PIECE)
        system.free(piece)
    except (OSError, AttributeError):
        return False
    return seen == bytes([_PERTURB ^ 0xFF]) * _PIECE  # what glibc fills new memory with, where it overwrites old


def soon() -> None:
    """Ask that memory be let go of within seconds: after a purge, once what asked for it is over."""
    _asked.set()


def is_asked() -> bool:
    """Tell whether somebody asked for it."""
    return _asked.is_set()


def forget_if_asked() -> None:
    """Let go of memory if somebody asked; whoever watches over sessions calls this every few seconds."""
    if _asked.is_set():
        _asked.clear()
        forget()


def forget() -> None:
    """Let go of what nobody holds any more, now; a purge and the end of a session ask for it."""
    getattr(urllib.parse, "clear_cache", int)()  # it keeps addresses that were asked for
    gc.collect()
    if sys.platform.startswith("linux"):
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except (OSError, AttributeError):  # another C library
            return
