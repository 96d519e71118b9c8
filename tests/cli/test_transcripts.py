"""Transcripts: what the command line says, word for word; each `.txt` beside this file is a test and a page of manual.

A line `$ veil ...` is a command; the lines under it are stdout, then stderr; `[3]` under them is the exit code where
it is not 0. `...` alone on a line stands for any lines, within a line for any words. Every transcript runs in a folder
of its own that holds: film.mp4 (somebody speaks), room.mp4 (nobody is there), tone.mp4 (sound only), half.mp4 (a film
cut short), notes.txt (no film), front.png, left.png, right.png and smiling.png (photos of somebody who lends a face).
Other commands run in the shell.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from tests import faces
from tests.films import Recipe, flat, make, tone, truncated
from tests.volunteers import SMILE, photo_of, saved
from veil.cli import run

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))
_CODE = re.compile(r"\[(\d+)\]")


@pytest.fixture(scope="session")
def props(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that transcripts speak of."""
    folder = tmp_path_factory.mktemp("props")
    faces.film(folder / "film.mp4", faces.speaking(8, double="goran"))
    make(folder / "room.mp4", Recipe(frames=5, size=(160, 120)), flat((90, 100, 110)))
    tone(folder / "tone.mp4")
    truncated(folder / "film.mp4", folder / "half.mp4", 0.5)
    for name, yaw in (("front", 0.0), ("left", 32.0), ("right", -32.0)):
        saved(folder / f"{name}.png", photo_of("goran", yaw_deg=yaw))
    saved(folder / "smiling.png", photo_of("goran", moves=SMILE))
    (folder / "notes.txt").write_text("these are notes, not a film\n")
    return folder


def steps(text: str) -> Iterator[tuple[int, str, list[str], int]]:
    """Yield (line number, command, expected lines, expected exit code)."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        expected = [line for line in lines[start + 1 : end] if not line.startswith("#")]
        while expected and not expected[-1].strip():
            expected.pop()
        code = 0
        if expected and (found := _CODE.fullmatch(expected[-1])):
            code = int(found[1])
            expected.pop()
        yield start + 1, lines[start][2:], expected, code


def agrees(expected: list[str], said: list[str]) -> bool:
    """Tell whether what was said is what was expected, dots standing for anything."""
    if not expected:
        return not said
    if expected[0].strip() == "...":
        return any(agrees(expected[1:], said[i:]) for i in range(len(said) + 1))
    pattern = ".*".join(re.escape(part) for part in expected[0].split("..."))
    return bool(said and re.fullmatch(pattern, said[0].rstrip())) and agrees(expected[1:], said[1:])


def say(command: str) -> tuple[list[str], int]:
    """Run one command and return what it said, and its exit code."""
    if command.startswith("veil"):
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(command.split()[1:])
        return [*out.getvalue().splitlines(), *err.getvalue().splitlines()], code
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    return [*done.stdout.splitlines(), *done.stderr.splitlines()], done.returncode


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda p: p.stem)
def test_transcript(transcript: Path, props: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line says what the transcript says, and leaves with the code it says."""
    for prop in props.iterdir():
        shutil.copy(prop, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")  # however wide the terminal is
    for number, command, expected, code in steps(transcript.read_text("utf-8")):
        said, left = say(command)
        told = "\n".join(said)
        assert agrees(expected, said), f"{transcript.name}:{number}: $ {command}\nsaid:\n{told}"
        assert left == code, f"{transcript.name}:{number}: $ {command}\nleft with {left}:\n{told}"


def test_there_are_transcripts() -> None:
    """Transcripts are found, and each begins with a line that says what it is about."""
    assert len(TRANSCRIPTS) >= 8
    for transcript in TRANSCRIPTS:
        assert transcript.read_text("utf-8").startswith("# ")


@pytest.mark.parametrize("verb", ["", "disguise", "watch", "plan", "cut", "attack", "doubles", "credentials"])
def test_every_help_ends_in_an_example(verb: str) -> None:
    """The help of every verb has an example, says `veil` in it, and begins with one sentence without a full stop."""
    said, code = say(f"veil {verb} --help")
    assert code == 0
    text = "\n".join(said)
    assert text.startswith("Usage: veil")
    assert f"  veil {verb}".rstrip() in text.split("example:")[1]
    summary = next(line.strip() for line in said[1:] if line.strip())
    assert not summary.endswith(".")


def test_every_error_is_two_lines() -> None:
    """An error is one clear sentence and one hint, on stderr, in lower case, without a full stop."""
    for command in (
        "veil watch nothing.mp4",
        "veil plan nothing.veil",
        "veil frobnicate",
        "veil disguise",
        "veil --nonsense",
    ):
        err = StringIO()
        with redirect_stdout(StringIO()) as out, redirect_stderr(err):
            code = run(command.split()[1:])
        lines = err.getvalue().splitlines()
        assert code in {1, 2}
        assert out.getvalue() == ""
        assert len(lines) == 2
        assert re.fullmatch(r"! veil: error: [a-z`'0-9].*[^.]", lines[0])
        assert re.fullmatch(r"! veil: hint: [a-z`'0-9].*[^.]", lines[1])
