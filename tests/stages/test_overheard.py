"""The opponent who listens: an undisguised voice and any rest of it is found, a new voice is safe, the rest is told."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soxr
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from tests.films import SAME
from tests.talkers import CHILD, MAN, WHISPERER, Talker
from veil.adversary import voices
from veil.adversary.speakers import Bend
from veil.adversary.words import HiddenWord
from veil.media import probe
from veil.nouns.cast import Cast
from veil.nouns.plan import Plan, Role
from veil.nouns.report import OWN_VOICE, Attack, Report
from veil.nouns.speech import HEARING_HZ, Heard, Phrase, Placed, Sound, Transcript, Turn, Word
from veil.nouns.time import ALWAYS, Span
from veil.nouns.voicing import Speech, Voicing
from veil.stages import overheard as listening
from veil.stages.case import Case, CaseFolder
from veil.stages.names_file import Entry, Names, save_names
from veil.stages.overheard import NOTHING_HEARD, ROOM, Ear, Listening, ear, hidden_words, overheard
from veil.stages.placed import save_placed

TURNS = (Span(Fraction(1), Fraction(6)), Span(Fraction(8), Fraction(13)))
LENGTH_S = 14
WORDS = ("nobody", "documents", "mountains")


def track(voice: Sound | None, extra: Sound | None = None, room: int = 2) -> Sound:
    """Return a quiet room in which a voice speaks its two turns, and something else over all of it."""
    noise = 0.001 * np.random.default_rng(room).standard_normal(LENGTH_S * HEARING_HZ)
    sound = noise.astype(np.float32)
    for i, turn in enumerate(TURNS):
        first, last = (round(at * HEARING_HZ) for at in (turn.start, turn.end))
        if voice is not None:
            sound[first:last] += voice[i * (last - first) : (i + 1) * (last - first)]
    return sound if extra is None else (sound + extra).astype(np.float32)


def film(path: Path, sound: Sound) -> Path:
    """Write a grey film with this sound of 16 kHz."""
    with av.open(str(path), "w", container_options=SAME) as out:
        picture = out.add_stream("mpeg4", rate=5, width=32, height=32)
        heard = out.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for index in range(LENGTH_S * 5):
            frame = VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8), "rgb24")
            frame.pts = index
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        whole = (soxr.resample(sound, HEARING_HZ, 48_000).clip(-1, 1) * 32767).astype(np.int16)
        for start in range(0, len(whole), 4800):
            piece = AudioFrame.from_ndarray(np.ascontiguousarray(whole[None, start : start + 4800]), "s16", "mono")
            piece.sample_rate, piece.pts = 48_000, start
            out.mux(heard.encode(piece))
        out.mux(heard.encode(None))
    return path


def line(span: Span, by: Speech) -> Placed:
    """Return a line of three words that takes all of a span."""
    step = span.length_s / len(WORDS)
    words = tuple(Word(text, Span(span.start + i * step, span.start + (i + 1) * step)) for i, text in enumerate(WORDS))
    return Placed("P1", span, words, (), by)


class Scene:
    """A film in which one man speaks two turns, and what an attack on some result of it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = CaseFolder(folder)
        self.original = track(MAN.say(10, 1), room=1)
        self.case = Case(probe(film(folder / "film.mkv", self.original)), LENGTH_S * 5, 0, (), Cast((), ()), {}, {})
        turns = tuple(Turn("P1", span) for span in TURNS)
        said = tuple(Phrase("P1", span, line(span, "revoice").words) for span in TURNS)
        self.heard = Heard(turns, TURNS, Transcript("en", said))

    def attack(
        self, result: Sound, plan: Plan, by: Speech = "revoice", hidden: Sequence[HiddenWord] = ()
    ) -> dict[str, Attack]:
        """Return the verdicts on a result, by channel."""
        save_placed(self.folder, tuple(line(span, by) for span in TURNS) if by != "silence" else ())
        cut = film(self.folder.path / "cut.mkv", result)
        found = overheard(self.case, plan, self.folder, cut, Listening(self.heard, tuple(hidden)))
        return {attack.channel: attack for attack in found}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return the film of one man."""
    return Scene(tmp_path_factory.mktemp("heard"))


@pytest.fixture(autouse=True)
def few_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try two shifts, not sixteen: how well a search finds is tested where it is made."""
    monkeypatch.setattr(voices, "SEARCH", (Bend(-4, -4), Bend(4, 4)))


HIDDEN = Plan(0, sound="disguised")


def test_a_new_voice_is_safe(scene: Scene) -> None:
    """Somebody else's voice in a room of its own is safe through every channel that names the person or the film."""
    found = scene.attack(track(WHISPERER.say(10, 2)), HIDDEN)
    assert {c: a.verdict for c, a in found.items() if c != "voice timing"} == {
        "voice": "safe",
        "voice over time": "safe",
        "left of the sound": "safe",
    }
    assert found["voice"].person == "P1"


def test_the_original_voice_is_found(scene: Scene) -> None:
    """The undisguised sound is recognised as the person and as the recording, with a frame to look at."""
    found = scene.attack(scene.original, HIDDEN)
    assert found["voice"].verdict == found["voice over time"].verdict == found["left of the sound"].verdict == "exposed"
    assert found["voice"].frame in {5, 40}
    report = Report(70, 0, (), tuple(found.values()))
    assert report.verdict == "exposed"
    assert "P1 can still be recognised by voice" in report.exposure()


def test_a_faint_rest_is_found(scene: Scene) -> None:
    """A sixth of the original under a new voice is found as what is left of the sound."""
    found = scene.attack(track(WHISPERER.say(10, 2), (scene.original / 6).astype(np.float32)), HIDDEN)
    assert found["left of the sound"].verdict == "exposed"


def test_silence_is_safe(scene: Scene) -> None:
    """Where nobody speaks for them, a room's noise is no voice, and the line says that nothing is heard."""
    found = scene.attack(track(None), replace(HIDDEN, others=Role(voicing=Voicing("silence"))), by="silence")
    assert {a.verdict for a in found.values()} == {"safe"}
    assert "nothing is heard" in found["voice"].said


def test_their_own_voice_between_the_lines(scene: Scene) -> None:
    """What is heard in their turns though no line stands there is compared, too."""
    found = scene.attack(track(MAN.say(10, 9)), HIDDEN, by="silence")
    assert found["between the words"].verdict == "exposed"


def test_a_voice_that_may_be_heard_is_told(scene: Scene) -> None:
    """Who may be heard by the plan is told and not tried; that alone proves nothing about anybody."""
    plan = replace(HIDDEN, roles={"P1": Role(voicing=Voicing(heard=(ALWAYS,)))})
    found = scene.attack(scene.original, plan, by="silence")
    assert found[OWN_VOICE].verdict == "warned"
    assert "voice" not in found
    assert found["left of the sound"].verdict == "safe"
    assert Report(70, 0, (), (found[OWN_VOICE],)).verdict == "not proven"


@pytest.mark.parametrize(("second", "told"), [(MAN, True), (CHILD, False)], ids=["the same voice", "another"])
def test_a_hidden_voice_that_is_taken_for_one_that_may_be_heard(tmp_path: Path, second: Talker, told: bool) -> None:
    """Where who may be heard sounds like who is hidden, turns may be mistaken: that is said, with a time to listen."""
    both = np.concatenate([MAN.say(5, 1), second.say(5, 4)])
    case = Case(probe(film(tmp_path / "film.mkv", track(both))), LENGTH_S * 5, 0, (), Cast((), ()), {}, {})
    heard = Heard((Turn("P2", TURNS[0]), Turn("P1", TURNS[1])), TURNS)
    plan = replace(HIDDEN, roles={"P1": Role(voicing=Voicing(heard=(ALWAYS,)))}, ambience="as it is")
    found = overheard(case, plan, CaseFolder(tmp_path), case.film.path, Listening(heard))
    said = [attack.said for attack in found if attack.person == "P2" and attack.channel == OWN_VOICE]
    assert bool(said) == told
    assert all("0:00:08" in line and "P1" in line for line in said)
    (room,) = [attack for attack in found if attack.channel == ROOM]
    assert room.verdict == "warned"
    assert "listen to it" in room.said


def test_what_is_hidden_of_a_turn_is_tried_to_its_end(scene: Scene) -> None:
    """Who may be heard from the middle of a turn on is tried in the part before it."""
    plan = replace(HIDDEN, roles={"P1": Role(voicing=Voicing(heard=(Span(Fraction(5), Fraction(14)),)))})
    found = scene.attack(track(MAN.say(10, 9)), plan, by="silence")
    assert found["between the words"].verdict == "exposed"


@pytest.mark.parametrize(("hidden_from", "verdict"), [("the public", "warned"), ("software", "exposed")])
def test_a_bent_voice_is_told_as_one(scene: Scene, hidden_from: str, verdict: str) -> None:
    """A converted voice that is recognised is a warning where only viewers matter, and exposes otherwise."""
    plan = replace(HIDDEN, hidden_from=hidden_from)  # type: ignore[arg-type]  # one of FROMS
    found = scene.attack(track(MAN.say(10, 9)), plan, by="convert")
    assert found["voice over time"].verdict == verdict
    assert "software recognises this voice" in found["voice over time"].said


def test_a_hidden_word_that_is_said(scene: Scene) -> None:
    """A hidden word among the new lines exposes the film, and the report does not repeat it."""
    found = scene.attack(track(WHISPERER.say(10, 2)), HIDDEN, hidden=[HiddenWord(("Documents",))])
    assert found["spoken words"].verdict == "exposed"
    assert "ocuments" not in found["spoken words"].said


def test_every_form_of_a_hidden_name_is_searched_for(tmp_path: Path) -> None:
    """Forms are searched for with capitals or without; of what has several words, not the ordinary ones alone."""
    folder = CaseFolder(tmp_path)
    entries = (
        Entry("Ramzan", "given name", "replaced", "Umar", also=("ramzan",)),
        Entry("Гриша", "given name", "replaced", "Коля", also=("гришей", "Гришу")),
        Entry("the gates of Argun", "place", "covered"),
        Entry("Omsk", "place", "kept"),
    )
    save_names(folder.names, Names(entries))
    forms = [set(word.forms) for word in hidden_words(folder)]
    assert forms == [{"Ramzan", "ramzan"}, {"Гриша", "гришей", "Гришу"}, {"the gates of Argun", "Argun"}]


def test_an_ordinary_word_is_no_hidden_name(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody called Nobody is hidden, the ordinary word may be said; the name itself exposes the film."""
    plan = replace(HIDDEN, roles={})
    save_names(scene.folder.names, Names((Entry("Nobody", "nickname", "covered"),)))
    monkeypatch.setattr(listening, "load_heard", lambda folder: scene.heard)  # noqa: ARG005
    verdicts = []
    for text in ("nobody", "Nobody"):
        words = (Word("saw", TURNS[0]), Word(text, TURNS[0]), *line(TURNS[0], "revoice").words[1:])
        save_placed(scene.folder, (replace(line(TURNS[0], "revoice"), words=words),))
        cut = film(scene.folder.path / "cut.mkv", track(WHISPERER.say(10, 2)))
        found = overheard(scene.case, plan, scene.folder, cut)
        verdicts.append({a.channel: a.said for a in found}["spoken words"])
    scene.folder.names.unlink()
    assert "a new voice says a hidden word" not in verdicts[0]
    assert "a new voice says a hidden word in 1 places" in verdicts[1]


def test_nothing_heard_is_all_owed(scene: Scene) -> None:
    """Where nobody listened to the film, all of its sound must be gone."""
    cut = film(scene.folder.path / "whole.mkv", scene.original)
    (found,) = overheard(scene.case, HIDDEN, CaseFolder(scene.folder.path / "none"), cut, NOTHING_HEARD)
    assert found.verdict == "exposed"


@pytest.mark.parametrize("sound", ["left out", "as it is"])
def test_other_plans(scene: Scene, sound: str) -> None:
    """A plan that leaves the sound out, or as it is, is told elsewhere: nothing is listened to."""
    plan = replace(HIDDEN, sound=sound)  # type: ignore[arg-type]  # what a plan may say
    assert overheard(scene.case, plan, scene.folder, Path("none.mkv"), NOTHING_HEARD) == ()


def test_spans_are_cut_where_they_lie(scene: Scene) -> None:
    """Whatever spans are asked for, overlapping or beyond the end, each sound is that of its time."""
    heard = ear(scene.case.film.path, Fraction(LENGTH_S))
    spans = [Span(Fraction(8), Fraction(13)), Span(Fraction(1), Fraction(3)), Span(Fraction(2), Fraction(20))]
    cut = list(heard.cut(spans))
    assert [len(sound) for sound in cut] == [2 * HEARING_HZ, 18 * HEARING_HZ, 5 * HEARING_HZ]
    for span, sound in zip(sorted(spans), cut, strict=True):
        there = scene.original[round(span.start * HEARING_HZ) : round(span.end * HEARING_HZ)]
        assert np.corrcoef(there, sound[: len(there)])[0, 1] > 0.99
    assert not list(Ear(scene.case.film.path, heard.offset_s, Fraction(LENGTH_S)).cut([]))
