"""How fast, and with how much memory: Veil, a plain transcode, and the peer, one after the other in one run."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.films import ROOT

_PEER = Path(sys.prefix) / "peer" / "bin" / "deface"
_TRANSCODE = """\
import sys
from pathlib import Path
from veil.media import probe, transcode
print(transcode(probe(Path(sys.argv[1])), Path(sys.argv[2])))
"""


class Failed(Exception):
    """A command that did not do its work; the message is its last words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class Ran:
    """What a command took."""

    seconds: float
    peak_mib: float  # of all its processes together
    out: str
    load: float  # of the machine before it began, processes


@dataclass
class Speeds:
    """Frames a second of one film; None where it was not measured."""

    clip: str
    size: str
    frames: int
    load: float
    veil_fps: float
    peak_mib: float
    stages_fps: dict[str, float] = field(default_factory=dict)
    start_s: float | None = None  # what the whole job took beyond its stages: loading, hashing, checking
    transcode_fps: float | None = None
    of_transcode: float | None = None  # Veil's time over the transcode's
    peer_fps: float | None = None
    over_peer: float | None = None
    note: str = ""

    def row(self) -> dict[str, Any]:
        """Return the figures for the results file."""
        return asdict(self)


def _tree_mib(root: int) -> float:
    """Return the memory that a process and its children hold, shared pages counted once (Linux: PSS), in MiB."""
    total = 0
    todo = [root]
    while todo:
        process = Path("/proc") / str(todo.pop())
        try:
            todo += [int(c) for task in (process / "task").iterdir() for c in (task / "children").read_text().split()]
            lines = (process / "smaps_rollup").read_text().splitlines()
        except (OSError, ValueError):  # it has just ended
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1024


def run(command: list[str], timeout_s: float = 7200) -> Ran:
    """Run a command and watch its memory; raise Failed when it does not end well."""
    load = os.getloadavg()[0]
    peak = 0.0
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.25):
                peak = max(peak, _tree_mib(process.pid))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            out, words = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failed(124, f"did not end within {timeout_s:.0f} s") from None
        finally:
            done.set()
            watcher.join()
    if process.returncode:
        last = [line for line in words.strip().splitlines() if line.strip()][-2:]
        raise Failed(process.returncode, " / ".join(last) or f"exit code {process.returncode}")
    return Ran(time.perf_counter() - began, peak, out, load)


def disguise(film: Path, result: Path, case: Path, double: str = "") -> tuple[Ran, dict[str, Any]]:
    """Let Veil disguise a film; return what it took, watching included, and what it says of itself.

    The card over the beginning is left out: most clips hardly last longer, and the measures are of faces. With a
    `double` everybody is made to wear that one, whomever Veil would have cast.
    """
    veil = [sys.executable, "-m", "veil"]
    watched = run([*veil, "watch", str(film), "--case", str(case)])
    run([*veil, "plan", str(case)])
    plan = case / "plan.toml"
    text = plan.read_text("utf-8").replace('card = "on"', 'card = "off"')
    plan.write_text(re.sub(r'(?m)^double = ".*"', f'double = "{double}"', text) if double else text, "utf-8")
    ran = run([*veil, "disguise", str(film), "-o", str(result), "--case", str(case), "--json"])
    try:
        told = json.loads(ran.out[ran.out.index("{") :]) | {"watch_s": watched.seconds}
    except ValueError:
        told = {}
    both = Ran(watched.seconds + ran.seconds, max(watched.peak_mib, ran.peak_mib), ran.out, watched.load)
    return both, told


def stages(told: dict[str, Any], frames: int) -> dict[str, float]:
    """Return frames a second of each stage that Veil timed."""
    names = {"watch_s": "watch", "hear_s": "hear", "cut_s": "cut", "attack_s": "attack"}
    return {n: frames / float(told[k]) for k, n in names.items() if isinstance(told.get(k), (int, float)) and told[k]}


def transcode_fps(film: Path, scratch: Path) -> float:
    """Return the frames a second of a plain transcode, with Veil's own reader, writer and encoder settings."""
    target = scratch / "transcode.mp4"
    target.unlink(missing_ok=True)
    ran = run([sys.executable, "-c", _TRANSCODE, str(film), str(target)])
    target.unlink(missing_ok=True)
    return int(ran.out.split()[-1]) / ran.seconds


def peer_fps(film: Path, frames: int, scratch: Path) -> float:
    """Return the frames a second of `deface FILM` (1.5.0, its defaults, on the CPU); raise Failed without it."""
    if not _PEER.is_file():
        raise Failed(127, "deface is not installed (`make bench` does it)")
    target = scratch / "peer.mp4"
    ran = run([str(_PEER), str(film), "--output", str(target)])
    target.unlink(missing_ok=True)
    return frames / ran.seconds
