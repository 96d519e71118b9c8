"""Canaries: words that are entered through the pages, purged, and then searched for everywhere: none is found."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pytest

from tests.networks import CALL_SIGNS, Network, close, passphrase_of
from tests.visitor import Visitor
from veil.casework import world
from veil.casework.network.models import Compartment
from veil.casework.network.roles import Role
from veil.vault import memory, stores

pytestmark = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux to look into memory")
_EDITS = {"screening", "edit", "words", "apart", "assess"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass
class Server:
    """A served vault in a process of its own, with its own folder for temporary files and for what it says."""

    process: "subprocess.Popen[str]"
    visitor: Visitor
    said: Path
    temp: Path

    def in_memory(self, *words: str) -> int:
        """Return how often words stand in the process's memory, in each of the forms in which Python keeps them."""
        told = [word.encode(form) for word in words for form in ("utf-8", "utf-16-le", "utf-32-le")]
        return in_memory(self.process.pid, told)

    def forget(self) -> None:
        """Have it let go of what nobody holds any more."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("forget\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"


def in_memory(process: int, told: list[bytes]) -> int:
    """Return how often some bytes stand in a process's memory."""
    maps = Path(f"/proc/{process}/maps").read_text().splitlines()
    found = 0
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as held:
        for line in maps:
            ends, rights = line.split()[:2]
            if "w" not in rights or line.endswith("[vvar]"):
                continue
            start, end = (int(one, 16) for one in ends.split("-"))
            held.seek(start)
            data = held.read(end - start)
            found += sum(data.count(one) for one in told)
    return found


@contextmanager
def served(folder: Path, tmp: Path, *, hardened: bool) -> Iterator[Server]:
    """Serve a vault and unlock it as its coordinator."""
    (tmp / "temp").mkdir()
    environment = (memory.hardened_environment() if hardened else dict(os.environ)) | {"TMPDIR": str(tmp / "temp")}
    with (tmp / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.canary", str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        assert process.stdout is not None
        try:
            visitor = Visitor(f"http://127.0.0.1:{int(process.stdout.readline())}")
            form = visitor.forms("/unlock")[0]
            form.words, form.said = [], [one for one in form.said if one[0] != "passphrase"]
            sign = CALL_SIGNS[Role.COORDINATOR]
            told = [("call_sign", sign), ("passphrase", passphrase_of(sign))]
            assert visitor.send("/unlock", form, more=told)[0] == "/"
            yield Server(process, visitor, tmp / "said", tmp / "temp")
        finally:
            process.kill()
            process.communicate()


def plant(visitor: Visitor, canaries: dict[str, str]) -> set[str]:
    """Enter canaries through the forms of a request, a case with its people, and a house; return the roots' ids."""
    roots = set()
    for page, words in canaries.items():
        visitor.send(page, visitor.forms(page)[-1], words)
        part = page.removesuffix("new")
        seen: set[str] = set()
        left = {link for link in visitor.links(part, part) if _ID.search(link)}
        roots |= {_ID.findall(link)[0] for link in left}
        while left:
            link = left.pop()
            seen.add(link)
            if link.rpartition("/")[2] in _EDITS:
                forms = [form for form in visitor.forms(link) if form.words]
                if forms:
                    visitor.send(link, forms[-1], words)
            elif _ID.fullmatch(link.rpartition("/")[2]):
                left |= {one for one in visitor.links(link, part) if _ID.search(one)} - seen
    return roots


def on_disk(folder: Path, words: list[str]) -> list[str]:
    """Return the names of the files that hold one of the words."""
    told = [word.encode(form) for word in words for form in ("utf-8", "utf-16-le", "utf-32-le")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(one in path.read_bytes() for one in told)]


def test_no_canary_is_left(network: Network, tmp_path: Path) -> None:
    """Entered, backed up, read again, purged: then in no table, file, log, backup, temporary folder or memory."""
    stores.use(Path("nowhere"))
    marks = [f"canary{secrets.token_hex(8)}" for _page in range(3)]
    pages = ("/requests/new", "/cases/new", "/houses/new")
    # Python keeps words with 1, 2 or 4 bytes a letter
    canaries = dict(
        zip(pages, (marks[0], f"{marks[1]} Канарейка", f"{marks[2]} 🏠"), strict=True)
    )  # 1, 2, 4 bytes a letter
    with served(network.folder, tmp_path, hardened=True) as server:
        visitor = server.visitor
        roots = plant(visitor, canaries)
        assert len(roots) >= 3
        backup = visitor.forms("/keeping/backup")[-1]
        backup.words = []
        told = [("folder", str(tmp_path / "copy")), ("noise", "")]
        assert "The backup is written." in visitor.send("/keeping/backup", backup, more=told)[1]
        for part, mark in zip(("/requests/", "/cases/", "/houses/"), marks, strict=True):
            pages_of = {link for link in visitor.links(part, part) if _ID.fullmatch(link.rpartition("/")[2])}
            assert any(mark in visitor.get(page)[1] for page in pages_of), part
        for root in sorted(roots):
            page = f"/keeping/{root}/destroy"
            visitor.send(page, visitor.forms(page)[-1])
            assert "destroy" not in visitor.get(f"/keeping/{root}")[1]
        server.forget()
        assert server.in_memory(*marks) == 0  # while the session is still open
        assert list(server.temp.iterdir()) == []
        assert on_disk(tmp_path, marks) == []
    assert on_disk(tmp_path, marks) == []
    hand = network.reopened(Role.COORDINATOR)
    with world.within(hand.store):
        assert not Compartment.objects.filter(root__in=roots).exists()
    close()


def test_the_search_would_find_them(network: Network, tmp_path: Path) -> None:
    """The same search finds words in the memory of a server that was not hardened, and keys of an open session."""
    stores.use(Path("nowhere"))
    mark = f"canary{secrets.token_hex(8)}"
    with served(network.folder, tmp_path, hardened=False) as server:
        plant(server.visitor, {"/requests/new": mark})
        server.forget()
        assert server.in_memory(mark) > 0


_A_STORE = """
import sys
from hashlib import blake2b
from pathlib import Path
from veil.casework.ready import ready
from veil.vault import memory, stores

ready(Path(sys.argv[1]))
from django.db import connections
from veil.vault.sqlcipher import base

base.making.add("a")
stores.unlock("a", blake2b(b"key" + sys.argv[2].encode(), digest_size=32).digest())
with connections["a"].cursor() as cursor:
    assert cursor.execute("PRAGMA cipher_memory_security").fetchone() == (sys.argv[3],)
    cursor.execute("CREATE TABLE told (word TEXT)")
    for number in range(200):
        word = blake2b(f"{number} {sys.argv[2]}".encode(), digest_size=16).hexdigest()
        cursor.execute("INSERT INTO told VALUES (%s)", [word])
    del word
    assert len(cursor.execute("SELECT * FROM told ORDER BY word DESC").fetchall()) == 200
print("told", flush=True)
input()
with connections["a"].cursor() as cursor:
    cursor.execute("DELETE FROM told")
del cursor
stores.lock("a")
memory.forget()
print("locked", flush=True)
input()
"""


def test_a_locked_store_leaves_nothing_in_memory(tmp_path: Path) -> None:
    """Neither the key of a store nor what stood in its tables is in memory once it is locked; while open, both are.

    SQLite's own wiping is off there, because the whole process overwrites what it frees.
    """
    seed = secrets.token_hex(8)
    key = blake2b(b"key" + seed.encode(), digest_size=32)
    words = [blake2b(f"{number} {seed}".encode(), digest_size=16).hexdigest().encode() for number in range(200)]
    process = subprocess.Popen(
        [sys.executable, "-c", _A_STORE, str(tmp_path), seed, "0"],
        env=memory.hardened_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "told\n"
        assert in_memory(process.pid, words) > 0
        assert in_memory(process.pid, [key.digest()]) > 0
        print(file=process.stdin, flush=True)
        assert process.stdout.readline() == "locked\n"
        assert in_memory(process.pid, words) == 0
        assert in_memory(process.pid, [key.digest(), key.hexdigest().encode()]) == 0
    finally:
        process.kill()
        process.communicate()


def test_without_the_hardened_environment_the_store_wipes_by_itself(tmp_path: Path) -> None:
    """Where freed memory is not overwritten (other systems, another start), SQLCipher is told to do it."""
    told = subprocess.run(
        [sys.executable, "-c", _A_STORE, str(tmp_path), "seed", "1"],
        env={name: value for name, value in os.environ.items() if name != "PYTHONMALLOC"},
        input="\n\n",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert told.stdout == "told\nlocked\n"
