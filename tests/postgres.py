"""A PostgreSQL server for tests: a cluster of its own in a temporary folder, on a socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def available() -> bool:
    """Tell whether this machine can run one."""
    return bool(PROGRAMS) and (os.geteuid() != 0 or _somebody() is not None)


@contextmanager
def served() -> Iterator[str]:
    """Start a server and yield how to reach it, without the database's name; stop and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="veil-pg-", dir="/tmp"))
    as_whom = _somebody() if os.geteuid() == 0 else None
    if as_whom:
        shutil.chown(folder, as_whom)
    try:
        _run(as_whom, "initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "veil", "--no-sync", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses= -c log_statement=none -c fsync=off -c max_wal_size=64MB"
        _run(as_whom, "pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield f"host={folder} user=veil"
        finally:
            _run(as_whom, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _somebody() -> str | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _run(as_whom: str | None, program: str, *words: str) -> None:
    told = [str(PROGRAMS[-1] / program), *words]
    if as_whom:
        told = ["setpriv", f"--reuid={as_whom}", "--regid=nogroup", "--clear-groups", *told]
    subprocess.run(
        told, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}
    )
