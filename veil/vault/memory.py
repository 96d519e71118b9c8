"""Memory: what is freed is overwritten, what is kept does not go to the swap, and a crash leaves no picture of it.

Python keeps freed memory as it was. With its own allocator put aside and glibc told to overwrite what is freed, words
are gone when nobody holds them any more. This must be said before a process starts: so `veil serve` starts itself anew.
"""

import ctypes
import gc
import os
import sys
import threading
import urllib.parse
from functools import lru_cache

_PERTURB = 0xA5  # any byte but 0
_PIECE = 200
_MCL_CURRENT, _MCL_FUTURE = 1, 2
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
        # with a low limit a later request for memory would fail: then better the swap than a crash
        free = os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
        locked = free and system.mlockall(_MCL_CURRENT | _MCL_FUTURE) == 0
    except (OSError, AttributeError):
        locked = False
    if not locked:
        undone.append("memory may go to the swap: turn the swap off, or lift this user's limit (ulimit -l unlimited)")
    return tuple(undone)


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
