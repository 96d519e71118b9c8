"""The report's pages: readable in every state, sealed where they show real faces, and silent about all else."""

import base64
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import faces
from veil.nouns.picture import Box, Pixels
from veil.nouns.report import Attack, Finding, Moment, Report, Trace, Verdict
from veil.stages.case import CaseFolder
from veil.stages.pages import view, worst, write_pages
from veil.stages.plots import short_clock, timeline
from veil.stages.prose import LIMITS, headline, meaning_of, ratio_of

RATE_HZ = 25.0
BOX = Box(100, 60, 200, 180)
SAFE = Attack("P1", "face", "one, two", 0.2, 0.4, "safe", 12, "Less alike than strangers are.")
NAN = np.full(3, np.nan, np.float32)


def _trace(likeness: float = 0.5, frames: int = 100) -> Trace:
    at = np.arange(frames, dtype=np.int32)
    ones = np.ones(frames, np.float32)
    return Trace(at, at / RATE_HZ, likeness * ones, ones, 0.8 * ones, 1.1 * ones)


def _report(verdict: Verdict = "safe") -> Report:
    extra: dict[Verdict, tuple[Attack, ...]] = {
        "exposed": (Attack("P2", "face", "two", 0.5, 0.4, "exposed", 30, "Choose shadow for P2."),),
        "not proven": (Attack("P2", "face", "two", None, None, "not proven", None, "too small"),),
    }
    moments = (Moment(30, "P2", BOX, 1.2, "near"), Moment(70, "P1", BOX, 0.5, ""))
    return Report(
        100, 0, (), (*extra.get(verdict, ()), SAFE), moments, {"P1": _trace()}, ("voices: the sound is left out",)
    )


def _pictures(report: Report) -> dict[int, tuple[Pixels, Pixels]]:
    """Return flat pictures: originals red, results blue."""
    red, blue = (np.full((120, 120, 3), colour, np.uint8) for colour in ((200, 20, 20), (20, 20, 200)))
    return dict.fromkeys(range(len(worst(report, RATE_HZ))), (red, blue))


def _written(folder: Path, report: Report, **more: tuple[str, ...]) -> tuple[str, str]:
    write_pages(CaseFolder(folder), report, _pictures(report), RATE_HZ, **more)
    return (folder / "report.html").read_text("utf-8"), (folder / "sealed" / "report.html").read_text("utf-8")


def _shown(page: str) -> Iterator[tuple[int, int, int]]:
    """Yield the mean colour of every picture in a page, RGB."""
    for coded in re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", page):
        pixels = cv2.imdecode(np.frombuffer(base64.b64decode(coded), np.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        blue, green, red = (round(v) for v in pixels.reshape(-1, 3).mean(0).tolist())
        yield red, green, blue


class _Reader(HTMLParser):
    """Reads a page strictly: every tag is closed in its turn, and remembers what it holds."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_a_score_just_under_its_limit_is_not_shown_as_equal(tmp_path: Path) -> None:
    """Where rounding would make score and limit one number, more of them is shown."""
    near = replace(SAFE, channel="voice", score=0.7182, limit=0.7221)
    page, _ = _written(tmp_path, Report(100, 0, (), (near, SAFE)))
    assert all(number in page for number in (">0.7182<", ">0.7221<", ">0.20<", ">0.40<"))


@pytest.mark.parametrize(
    ("verdict", "sentence", "then"),
    [
        ("safe", "Nobody under protection was recognised.", "what was not checked"),
        ("exposed", "P2 can still be recognised.", "Do not release this film. Choose another double"),
        ("not proven", "It is not proven that everyone is safe.", "Do not release the film yet. P2: too small."),
    ],
)
def test_every_state_says_what_to_do(tmp_path: Path, verdict: Verdict, sentence: str, then: str) -> None:
    """The verdict is the page's one heading, in a sentence, with what to do next; the sealed page says the same."""
    for page in _written(tmp_path, _report(verdict)):
        assert f"<h1>{sentence}</h1>" in page
        assert then in " ".join(_read(page).words)
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == verdict


def test_an_empty_report_is_not_safe(tmp_path: Path) -> None:
    """A report in which nobody was attacked is not proven, and its page says so."""
    page, _ = _written(tmp_path, Report(100, 0, ()))
    assert "It is not proven" in page
    assert "Nobody was attacked" in page


def test_only_the_sealed_page_shows_the_original(tmp_path: Path) -> None:
    """The page that may be shared holds pictures of the result and no other; the sealed one both, and warns."""
    page, sealed = _written(tmp_path, _report("exposed"))
    assert [c[2] > c[0] for c in _shown(page)] == [True, True]
    assert [c[2] > c[0] for c in _shown(sealed)] == [False, True] * 2
    assert "real faces" in " ".join(_read(sealed).words[:12])
    assert "sealed" not in _read(page).words[0]


def test_the_pages_are_for_their_owner(tmp_path: Path) -> None:
    """The sealed folder and both pages open for nobody else, also where they were there before with wider rights."""
    (tmp_path / "sealed").mkdir(mode=0o755)
    _written(tmp_path, _report())
    assert stat.S_IMODE((tmp_path / "sealed").stat().st_mode) == 0o700
    for page in (tmp_path / "report.html", tmp_path / "sealed" / "report.html"):
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["report.html", "report.html", "report.json", "sealed"]


def test_no_secret_gets_out(tmp_path: Path) -> None:
    """No name, title or path that some attack wrote into its words, also as a part of others, gets to a page."""
    told = replace(SAFE, said="the title “RAIN over Minsk” and /home/anna/rain.mov, anna_2, by Li", by="rain.mov")
    report = replace(
        _report(), attacks=(told,), not_checked=("rain.mov",), moments=(Moment(3, "P1", BOX, 0.4, "anna"),)
    )
    _written(tmp_path, report, secrets=("Rain over Minsk", "/home/anna", "rain.mov", "anna", "Li"))
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        text = path.read_text("utf-8")
        assert not re.search(r"Minsk|anna|rain\.mov|by Li", text), path.name
        assert str(tmp_path) not in text


def test_ordinary_words_stay(tmp_path: Path) -> None:
    """A film that is called `film` or `in` does not black out every such word, nor parts of others."""
    attack = replace(SAFE, said="filming in the film, in P1's own cinema")
    page, _ = _written(tmp_path, replace(_report(), attacks=(attack,)), secrets=("film", "in", "cine"))
    assert "Filming in the film, in P1&#x27;s own cinema." in page


def test_cover_is_a_share(tmp_path: Path) -> None:
    """Cover is written in percent, and what is not all is never rounded up to all."""
    attack = Attack("P1", "coverage", "comparison", 0.9996, None, "safe", 3, "all frames")
    page, _ = _written(tmp_path, replace(_report(), attacks=(attack,)))
    assert "99.9 %" in page


def test_people_stand_in_their_order(tmp_path: Path) -> None:
    """P2 comes before P10."""
    attacks = tuple(replace(SAFE, person=f"P{k}") for k in (10, 2, 1))
    page, _ = _written(tmp_path, replace(_report(), attacks=attacks, traces={}))
    assert re.findall(r"<h3>(P\d+)</h3>", page) == ["P1", "P2", "P10"]


def test_words_are_escaped(tmp_path: Path) -> None:
    """Whatever stands in a label, a method or a sentence is shown as text, never as a part of the page."""
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>&'
    attack = replace(SAFE, person=evil, channel=evil, by=evil, said=evil)
    report = Report(100, 0, (), (attack,), (Moment(3, evil, BOX, 0.4, evil),), {evil: _trace()}, (evil,))
    for page in _written(tmp_path, report):
        tags = _read(page).tags
        assert "script" not in {tag for tag, _ in tags}
        assert not [a for _, attributes in tags for a in attributes if a.startswith("on")]
        assert all((a["src"] or "").startswith("data:") for tag, a in tags if tag == "img")


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    """No script, no style sheet, no link, no address of another place: one file, and the browser is told so."""
    for page in _written(tmp_path, _report("exposed")):
        read = _read(page)
        assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in read.tags}
        assert "http:" not in page
        assert "https:" not in page
        assert "url(" not in page
        assert "default-src 'none'" in page


def test_everybody_can_read_it(tmp_path: Path) -> None:
    """It tells its language, every picture and plot has words, every table heads, and verdicts are not colour alone."""
    page, _ = _written(tmp_path, _report("exposed"))
    read = _read(page)
    assert ("html", {"lang": "en"}) in read.tags
    assert all(a.get("alt") for tag, a in read.tags if tag == "img")
    assert all(a.get("aria-label") or a.get("aria-hidden") for tag, a in read.tags if tag == "svg" and "role" in a)
    assert all(a.get("scope") for tag, a in read.tags if tag == "th")
    assert "Exposed" in read.words
    assert "Safe" in read.words


def test_the_worst_come_first(tmp_path: Path) -> None:
    """Who is exposed stands above who is safe, and of moments within a second only the worst is shown, at most ten."""
    page, _ = _written(tmp_path, _report("exposed"))
    assert page.index("<h3>P2</h3>") < page.index("<h3>P1</h3>")
    many = tuple(Moment(i, "P1", BOX, i / 1000, "") for i in range(1000))
    shown = worst(replace(_report(), moments=many), RATE_HZ)
    assert [m.index for m in shown] == [999 - 25 * k for k in range(10)]
    found = replace(_report(), findings=(Finding(5, BOX, 0.9), Finding(6, BOX, 0.8)), moments=many)
    assert worst(found, RATE_HZ)[0].index == 5
    assert worst(found, RATE_HZ)[1].index == 999


def test_the_facts(tmp_path: Path) -> None:
    """The JSON tells every attack, moment and trace; what was not measured is null, and it is valid JSON."""
    trace = Trace(
        np.arange(3, dtype=np.int32), np.arange(3) / RATE_HZ, NAN, NAN, NAN, np.array([1, np.nan, 2], np.float32)
    )
    report = replace(_report("not proven"), traces={"P1": trace}, findings=(Finding(5, BOX, 0.9, "bare head"),))
    _written(tmp_path, report)
    facts = json.loads((tmp_path / "report.json").read_text(), parse_constant=pytest.fail)
    assert facts["verdict"] == "exposed"
    assert facts["frames_searched"] == 100
    assert facts["undecodable"] == 0
    assert facts["not_checked"] == ["voices: the sound is left out"]
    assert facts["findings"] == [{"frame": 5, "box": [100, 60, 200, 180], "score": 0.9, "kind": "bare head"}]
    assert facts["attacks"][0] == {
        "person": "P2",
        "channel": "face",
        "by": "two",
        "score": None,
        "limit": None,
        "verdict": "not proven",
        "frame": None,
        "said": "too small",
    }
    assert facts["moments"][0]["ratio"] == 1.2
    assert facts["traces"]["P1"]["likeness"] == {"measured": 0, "least": None, "mean": None, "most": None}
    assert facts["traces"]["P1"]["flicker"] == {"measured": 2, "least": 1.0, "mean": 1.5, "most": 2.0}


def test_a_finding_is_shown_on_the_sealed_page_alone(tmp_path: Path) -> None:
    """Of a frame in which something still shows the page that may be shared holds no picture: it is the bare face."""
    report = replace(_report(), findings=(Finding(5, BOX, 0.9), Finding(70, BOX, 0.8)))
    page, sealed = _written(tmp_path, report)
    assert [m.index for m in worst(report, RATE_HZ)] == [5, 70, 30, 70]
    assert len(list(_shown(page))) == 1  # frame 30 alone
    assert page.count("shown only on the sealed page") == 3
    assert len(list(_shown(sealed))) == 8
    assert "shown only" not in sealed


@pytest.mark.parametrize("box", [Box(-50, -50, 10, 10), Box(300, 200, 900, 900), Box(5, 5, 5, 5)])
def test_a_view_lies_in_the_picture(box: Box) -> None:
    """A person at the edge, larger than the picture, or of no size, gives a picture all the same."""
    pixels = view(box, faces.picture_of(faces.speaking(1).paint(0)))
    assert pixels.shape[2] == 3
    assert 16 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= 360


def test_a_missing_picture_is_said(tmp_path: Path) -> None:
    """A moment without its picture says so instead of breaking the page."""
    report = _report()
    write_pages(CaseFolder(tmp_path), report, {}, RATE_HZ)
    assert "no picture" in (tmp_path / "report.html").read_text("utf-8")


def test_what_is_over_the_limit_shows() -> None:
    """A likeness above its limit is drawn in the colour of danger, and said; nothing measured is said too."""
    assert "113%" in timeline("P1", _trace(1.13), 100, RATE_HZ)
    assert "at most 50% of the limit" in timeline("P1", _trace(), 100, RATE_HZ)
    empty = Trace(np.arange(3, dtype=np.int32), np.arange(3) / RATE_HZ, NAN, NAN, NAN, NAN)
    assert timeline("P1", empty, 100, RATE_HZ).count(">not measured<") == 4


def test_a_long_film_stays_small() -> None:
    """Three hours are drawn in a few hundred points, and a single bad frame still shows."""
    trace = _trace(0.2, 270_000)
    trace.likeness[123_456] = 1.4
    drawn = timeline("P1", trace, 270_000, RATE_HZ)
    assert len(drawn) < 60_000
    assert "at most 140%" in drawn


@pytest.mark.parametrize(
    ("score", "limit", "verdict", "ratio"),
    [
        (0.2, 0.4, "safe", 0.5),
        (0.6, 0.4, "exposed", 1.5),
        (400.0, 100.0, "safe", 0.25),  # a rank: more is better
        (10.0, 100.0, "exposed", 10.0),
        (18.0, 12.0, "warned", 1.5),
        (0.0, 0.0, "safe", 0.0),
        (0.5, 0.0, "exposed", 2.0),
        (None, 0.4, "not proven", None),
    ],
)
def test_ratio(score: float | None, limit: float, verdict: Verdict, ratio: float | None) -> None:
    """A ratio of 1 and above is recognised, whichever way a channel counts."""
    assert ratio_of(Attack("P1", "face", "x", score, limit, verdict)) == (
        ratio if ratio is None else pytest.approx(ratio)
    )


def test_headlines_without_people() -> None:
    """What is found where no track saw anyone, or in the file alone, has a sentence of its own."""
    found = (Finding(5, BOX, 0.9), Finding(6, BOX, 0.8))
    assert headline(Report(9, 0, found))[0] == "A face that is not a double shows in 2 frames."
    file = Attack(None, "file", "tags", None, None, "exposed", None, "Remove it.")
    assert headline(Report(9, 0, (), (file,)))[0] == "The film gives somebody away by more than faces."


@pytest.mark.parametrize(("at_s", "text"), [(0, "0:00"), (53.48, "0:53.5"), (60, "1:00"), (3725.0, "1:02:05")])
def test_short_clock(at_s: float, text: str) -> None:
    """Film time is written as people write it."""
    assert short_clock(at_s) == text


def test_every_line_of_the_table_is_described() -> None:
    """Every channel of an attack has a name and a meaning for people; the words about who decides are true."""
    channels = "face", "face over time", "rank", "someone else", "coverage", "file", "sound", "camera", "writing"
    assert all(meaning_of(channel) for channel in channels)
    untried = Attack(None, "sound", "x", None, None, "not proven")
    assert "One line that is “not proven” makes the whole verdict so" in dict(LIMITS)["Who decides"]
    assert Report(9, 0, (), (SAFE, untried)).verdict == "not proven"
    assert Report(9, 0, (), (SAFE, replace(untried, verdict="warned"))).verdict == "safe"
