"""Load on the casework pages: ``python -m bench.load [--cases 10000] [--workers 200] [--seconds 60]``.

Fills a vault with invented cases, serves it on loopback from one process, and lets 200 workers' browsers go from page
to page as people do (a pause between pages); then asks again without pauses. Prints median and 95th percentile by page.
"""

import argparse
import http.client
import logging
import multiprocessing
import random
import re
import resource
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

PASSPHRASE = "the load of one ordinary day"  # noqa: S105  (of invented workers)
MEDIAN_MS, TAIL_MS = 50, 150
_HOLDERS = 2  # workers who hold each case


def main() -> int:
    """Fill, serve, ask, print; return 1 where a goal is missed or a page failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=10, help="mean seconds that a worker reads a page")
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "vault"
        began = time.perf_counter()
        _apart(_fill, folder, asked.cases, asked.workers)
        console.print(f"filled with {asked.cases} cases in {time.perf_counter() - began:.0f} s, {_size(folder)} MiB")
        server, port = _served(folder)
        try:
            cookies = _unlock(port, asked.workers, console)
            paced = _ask(port, cookies, asked.seconds, asked.pause)
            flat = _ask(port, cookies[:8], min(20.0, asked.seconds), 0)
        finally:
            server.terminate()
            server.join()
    good = _show(console, f"{asked.workers} workers, a page every {asked.pause:g} s each", paced, limits=True)
    _show(console, "8 browsers without a pause", flat, limits=False)
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
    from veil.web.wsgi import application

    server = create_server(application, host="127.0.0.1", port=0, threads=8)
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
        cookies.append("; ".join([*given, crumb]))
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


def _work(port: int, cookie: str, number: int, until: float, pause: float, took: dict[str, list[float]]) -> None:
    chance = random.Random(number)  # noqa: S311  (which page is opened next)
    links = ["/cases/"]
    time.sleep(chance.random() * pause)
    while time.perf_counter() < until:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        address = chance.choice(["/", "/cases/", *chance.choices(links, k=3)])
        began = time.perf_counter()
        line.request("GET", address, headers={"Cookie": cookie})
        answer = line.getresponse()
        page = answer.read().decode(errors="replace")
        name = "a case" if _is_case(address) else address
        took[name if answer.status == http.HTTPStatus.OK else f"{name}: {answer.status}"].append(
            time.perf_counter() - began
        )
        line.close()
        if address == "/cases/":
            links = sorted(set(filter(_is_case, re.findall(r'href="([^"]*)"', page)))) or links
        time.sleep(chance.expovariate(1 / pause) if pause else 0)


def _is_case(where: str) -> bool:
    return where.startswith("/cases/") and len(where.strip("/").split("/")[-1]) == 36


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
