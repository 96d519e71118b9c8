"""Load on the casework pages: ``python -m bench.load [--cases 10000] [--workers 200] [--seconds 60]``.

Fills a vault with invented cases, calls, houses, check-ins and moves, serves it on loopback from one process (which
overwrites the memory it frees, as `veil serve` does), and lets 200 workers' browsers go from page to page as people do:
a pause between pages, and now and then something is sent (a risk assessed, a check-in answered). Each has opened the
board before the clock begins, as whoever unlocks does. Then it asks again without pauses. Prints median and 95th
percentile by page, and the load of the machine before and after.
"""

import argparse
import http.client
import logging
import multiprocessing
import os
import random
import re
import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from veil.casework.network.roles import Role
from veil.vault import memory

PASSPHRASE = "the load of one ordinary day"  # noqa: S105  (of invented workers)
MEDIAN_MS, TAIL_MS = 50, 150
_MOST_LINKS = 60  # one worker may open 80 different records an hour
_SENT = 0.1  # of what people do, something is sent
_LISTS = {
    Role.COORDINATOR: ("/", "/cases/", "/requests/", "/houses/", "/moves/checkins", "/network/"),
    Role.CASE_WORKER: ("/", "/cases/", "/moves/", "/moves/checkins", "/houses/"),
    Role.OPERATOR: ("/", "/requests/"),
    Role.HOST: ("/", "/houses/"),
}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def role_of(number: int) -> Role:
    """Return the role of the worker with a number: a coordinator and two operators in twenty, a host in forty."""
    if number % 20 == 0:
        return Role.COORDINATOR
    if number % 20 in {7, 13}:
        return Role.OPERATOR
    return Role.HOST if number % 40 == 3 else Role.CASE_WORKER


def main() -> int:
    """Fill, serve, ask, print; return 1 where a goal is missed or a page failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=10, help="mean seconds that a worker reads a page")
    parser.add_argument("--vault", type=Path, help="a vault that was filled before; it is copied, not changed")
    parser.add_argument("--keep", type=Path, help="leave a copy of the filled vault here")
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    os.environ.update(memory.hardened_environment())  # for the processes that are started now
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "vault"
        began = time.perf_counter()
        if asked.vault:
            shutil.copytree(asked.vault, folder)
        else:
            _apart(_fill, folder, asked.cases, asked.workers)
            console.print(f"filled with {asked.cases} cases in {time.perf_counter() - began:.0f} s")
        if asked.keep:
            shutil.copytree(folder, asked.keep)
        console.print(f"{_size(folder)} MiB; load {_busy()}")
        server, port = _served(folder)
        try:
            cookies = _unlock(port, asked.workers, console)
            paced = _ask(port, cookies, asked.seconds, asked.pause)
            before = _worked_s(server.pid)
            flat = _ask(port, cookies[:8], min(20.0, asked.seconds), 0)
            spent = (_worked_s(server.pid) - before) / max(1, sum(map(len, flat.values())))
        finally:
            server.terminate()
            server.join()
    good = _show(console, f"{asked.workers} workers, a page every {asked.pause:g} s each", paced, limits=True)
    _show(console, "8 browsers without a pause", flat, limits=False)
    console.print(f"a page takes the server {spent * 1000:.0f} ms of one core, whatever else runs; load {_busy()}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    console.print(f"largest process: {children:.0f} MiB")
    return int(not good)


def _apart(work: Any, *given: Any) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the vault could not be filled")


def _fill(folder: Path, cases: int, workers: int) -> None:
    from veil.casework.ready import ready

    ready(folder, settings="veil.web.settings")
    from bench import load_filling

    load_filling.fill(folder, cases, workers)


def _serve(folder: Path, pipe: Any) -> None:
    from veil.casework.ready import ready

    ready(folder, settings="veil.web.settings")
    from waitress.server import create_server

    logging.getLogger("waitress").setLevel(logging.ERROR)
    from veil.web import serve
    from veil.web.wsgi import application

    sys.setswitchinterval(serve.SWITCH_S)
    server = create_server(application, host="127.0.0.1", port=0, threads=serve.THREADS)
    pipe.send(server.effective_port)
    server.run()


def _served(folder: Path) -> tuple[Any, int]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(folder, there))
    process.start()
    return process, here.recv()


def _unlock(port: int, workers: int, console: Console) -> list[str]:
    cookies, took = [], []
    for number in range(workers):
        line = http.client.HTTPConnection("127.0.0.1", port)
        line.request("GET", "/unlock")
        answer = line.getresponse()
        page = answer.read().decode()
        crumb = next(told for name, told in answer.getheaders() if name == "Set-Cookie").split(";")[0]
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        body = {"csrfmiddlewaretoken": token, "call_sign": f"w{number}", "passphrase": PASSPHRASE}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": crumb}
        began = time.perf_counter()
        line.request("POST", "/unlock", urllib.parse.urlencode(body), headers)
        answer = line.getresponse()
        answer.read()
        took.append(time.perf_counter() - began)
        given = [told.split(";")[0] for name, told in answer.getheaders() if name == "Set-Cookie"]
        if answer.status != http.HTTPStatus.FOUND or not given:
            raise SystemExit(f"worker {number} could not unlock: {answer.status}")
        kept = dict(told.split("=", 1) for told in (crumb, *given))
        cookies.append("; ".join(f"{name}={told}" for name, told in kept.items()))
        line.request("GET", answer.headers["Location"], headers={"Cookie": cookies[-1]})  # as a browser does
        line.getresponse().read()
        line.close()
    console.print(f"unlocking, without the cost of the passphrase: median {statistics.median(took) * 1000:.0f} ms")
    return cookies


def _ask(port: int, cookies: list[str], seconds: float, pause: float) -> dict[str, list[float]]:
    took: dict[str, list[float]] = defaultdict(list)
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_work, args=(port, cookie, number, until, pause, took))
        for number, cookie in enumerate(cookies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


class _Browser:
    """One worker's browser."""

    def __init__(self, port: int, cookie: str, took: dict[str, list[float]]) -> None:
        self.port, self.cookie, self.took = port, cookie, took
        self.token = dict(told.split("=", 1) for told in cookie.split("; "))["t"]

    def ask(self, address: str, said: dict[str, str] | None = None) -> str:
        """Open a page, or send a form; note how long it took."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie}
        name = _ID.sub("…", address)
        began = time.perf_counter()
        if said is None:
            line.request("GET", address, headers=headers)
        else:
            name = f"{name} (sent)"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(said | {"csrfmiddlewaretoken": self.token})
            line.request("POST", address, body, headers)
        answer = line.getresponse()
        page = answer.read().decode(errors="replace")
        took = time.perf_counter() - began
        line.close()
        wanted = http.HTTPStatus.OK if said is None else http.HTTPStatus.FOUND
        self.took[name if answer.status == wanted else f"{name}: {answer.status}"].append(took)
        return page

    def send(self, links: set[str]) -> None:
        """Assess a risk, or answer a check-in whose hour has come."""
        cases = sorted(link for link in links if re.fullmatch(rf"/cases/{_ID.pattern}", link))
        for link in sorted(link for link in links if re.fullmatch(rf"/moves/checkins/{_ID.pattern}", link)):
            page = self.ask(link)
            calm = re.search(r'name="heard" value="(\w+)"[^>]*>[^<]*soup was good', page)
            turn = re.search(r'name="turn" value="(\d+)"', page)
            if calm and turn:
                self.ask(link, {"heard": calm[1], "turn": turn[1]})
                return
            break
        if cases:
            address = f"{cases[hash(self.cookie) % len(cases)]}/risk/assess"
            version = re.search(r'name="version" value="([^"]*)"', self.ask(address))
            said = {"threats": "an invented cousin", "threat": "2", "vulnerability": "2", "capacity": "2"}
            self.ask(address, said | {"version": version[1] if version else ""})


def _work(port: int, cookie: str, number: int, until: float, pause: float, took: dict[str, list[float]]) -> None:
    chance = random.Random(number)  # noqa: S311  (which page is opened next)
    browser, lists = _Browser(port, cookie, took), _LISTS[role_of(number)]
    links: set[str] = set()
    time.sleep(chance.random() * pause)
    while time.perf_counter() < until:
        if links and chance.random() < _SENT:
            browser.send(links)
        else:
            address = chance.choice([*lists, *chance.choices(sorted(links), k=len(lists))] if links else lists)
            page = browser.ask(address)
            if address in lists and len(links) < _MOST_LINKS:
                links |= set(filter(_is_thing, re.findall(r'href="([^"]*)"', page)))
        time.sleep(chance.expovariate(1 / pause) if pause else 0)


def _is_thing(where: str) -> bool:
    return bool(re.fullmatch(rf"/(cases|requests|houses|moves|moves/checkins)/{_ID.pattern}", where))


def _worked_s(process: int) -> float:
    """Return the processor time that a process has used; 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _busy() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def _show(console: Console, title: str, took: dict[str, list[float]], *, limits: bool) -> bool:
    table = Table(title=title, title_justify="left")
    for column in ("page", "asked", "median ms", "95 % ms", "worst ms"):
        table.add_column(column, justify="left" if column == "page" else "right")
    every = [one for times in took.values() for one in times]
    rows = [*sorted(took.items(), key=lambda row: -statistics.median(row[1])), ("every page", every)]
    for name, times in rows:
        tail = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        told = (statistics.median(times), tail, max(times))
        table.add_row(name, str(len(times)), *(f"{one * 1000:.0f}" for one in told))
    console.print(table)
    tail = statistics.quantiles(every, n=20)[-1]
    failed = any(": " in name for name in took)
    good = not failed and statistics.median(every) * 1000 < MEDIAN_MS and tail * 1000 < TAIL_MS
    if limits:
        console.print(f"goal: median under {MEDIAN_MS} ms, 95 % under {TAIL_MS} ms: {'reached' if good else 'MISSED'}")
    return good


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 2**20


if __name__ == "__main__":
    sys.exit(main())
