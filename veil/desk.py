"""The desk: one film, its case, and the verbs; the film wing's Python API. It mirrors the command line.

With `film` the path of a film in which somebody speaks, and `folder` one to write into:

>>> from veil.desk import Desk
>>> desk = Desk(film, case=folder / "film.veil")
>>> [person.label for person in desk.watch().cast.people]
['P1']
>>> desk.plan().roles["P1"].cover
'double'
>>> desk.disguise(folder / "film.veiled.mp4").safe
True
"""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from veil import media
from veil.disguise import lent, wardrobe
from veil.errors import Exposed, NotProven, VeilError
from veil.nouns.film import Film
from veil.nouns.plan import Plan
from veil.nouns.report import Report
from veil.nouns.speech import Heard
from veil.progress import Progress, silent
from veil.stages import attack as attacking
from veil.stages import casting, publishing
from veil.stages import credentials as signing
from veil.stages import cut as cutting
from veil.stages import hear as listening
from veil.stages import plan as planning
from veil.stages import prove as proving
from veil.stages import watch as watching
from veil.stages.case import Case, CaseFolder, load_case
from veil.stages.escalation import Raised, in_force, load_raised, raise_covers
from veil.stages.heard import Wish
from veil.stages.lend import Made, Told, compose, make
from veil.stages.outputs import Written, beside
from veil.stages.painted import seal_of
from veil.stages.prove import Proof
from veil.stages.rehearsal import rehearse
from veil.stages.scene import Scene, survey
from veil.stages.scene_page import write_scene
from veil.stages.sheet import write_sheet
from veil.stages.sounding import sound_told
from veil.stages.translation import Translation
from veil.stages.wardrobe_sheet import write_wardrobe

_ROUNDS = 10  # how often what the attack finds goes back into the cut: each person may need three, one after the other


@dataclass
class Desk:
    """One film and its case folder. Every verb picks up what is already done."""

    film: Path
    case: Path | None = None
    progress: Progress = silent
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def folder(self) -> CaseFolder:
        return CaseFolder(self.case or self.film.with_suffix(".veil"))

    @classmethod
    def reopen(cls, case: Path, progress: Progress = silent) -> "Desk":
        """Open a case that was watched before; raise VeilError when there is none."""
        known = load_case(CaseFolder(case))
        return cls(known.film.path, case, progress)

    def probe(self) -> Film:
        return media.probe(self.film)

    def watch(self) -> Case:
        """Find everyone in the film; write the case and the contact sheet of the cast."""
        began = time.perf_counter()
        case = watching.watch(self.probe(), self.folder, self.progress)
        write_sheet(case, self.folder)
        self._took("watch_s", began)
        return case

    def hear(self, wish: Wish | None = None) -> Heard:
        """Find out who speaks when and what is said; write the transcript that a person corrects."""
        began = time.perf_counter()
        wish = wish or Wish()
        wish = replace(wish, language=wish.language or planning.told_language(self.folder))
        heard = listening.hear(load_case(self.folder), self.folder, wish=wish, progress=self.progress)
        self._took("hear_s", began)
        return heard

    def plan(self) -> Plan:
        """Return the plan, writing a first one if there is none."""
        return planning.make_plan(load_case(self.folder), self.folder)

    def scene(self) -> Scene:
        """List what stands in the picture beside the faces; write scene.html, which shows original pictures."""
        case = load_case(self.folder)
        seen = survey(case, self.folder, self.progress)
        write_scene(seen, case, self.plan(), self.folder)
        return seen

    def publish(
        self, result: Path, translation: Translation | None = None, *, read: bool = False, again: bool = False
    ) -> Written:
        """Write transcript, subtitles and record beside a finished result, `again` over what is there.

        `read` tells that a person has replaced the names in the translation already.
        """
        return publishing.publish(self.folder, result, translation, read=read, again=again)

    def said(self) -> list[str]:
        """Say in plain words what became of the voices, a line each: never a word of the film."""
        return sound_told(load_case(self.folder), self._in_force(), self.folder)

    def cautions(self) -> dict[str, float]:
        """Return who still looks like themselves in their double, by the defence's own recogniser: cosine by label."""
        case, plan = load_case(self.folder), self.plan()
        named = {label: role.double for label, role in plan.roles.items() if role.double}
        return casting.cautions(plan, casting.try_on(case, self.folder, named))

    def cut(self, out: Path) -> Path:
        """Write the disguised film beside its final name, as ``.part``, and return where."""
        began = time.perf_counter()
        case, plan = load_case(self.folder), self._in_force()
        part = self._part(out)
        part.unlink(missing_ok=True)
        cutting.cut(case, plan, self.folder, part, self.progress)
        self._took("cut_s", began)
        return part

    def attack(self, result: Path) -> Report:
        """Attack a result: search every frame, try to recognise everyone; write the report."""
        began = time.perf_counter()
        case, plan = load_case(self.folder), self._in_force()
        report = attacking.attack(case, plan, self.folder, result, self.progress)
        signing.note_finished(self.folder, result if report.safe else None, seal_of(case, plan, self.folder))
        self._took("attack_s", began)
        return report

    def credentials(self, result: Path, key: Path, certificate: Path, out: Path) -> list[str]:
        """Write a copy of the finished film with Content Credentials to `out`; return what they say."""
        case, plan = load_case(self.folder), self._in_force()
        signing.credentials(case, plan, self.folder, result, signing.Pen(key, certificate), out)
        return [deed.said for deed in signing.deeds(case, plan)]

    def prove(self) -> Proof:
        """Repaint each protected face in the film and measure what changes in the result (law 2)."""
        return proving.prove(load_case(self.folder), self._in_force(), self.folder, self.progress)

    def raised(self) -> dict[str, Raised]:
        """Return whose cover the attacks have raised beyond the plan, by label."""
        return load_raised(self.folder)

    def disguise(self, out: Path) -> Report:
        """Do all steps; what the attack finds goes back into the cut.

        The result gets its name only when nobody was found or recognised. Raises Exposed when somebody still is, and
        NotProven when the attack had nothing to try; then the result stays ``.part``.
        """
        self._part(out)
        case = self.watch()
        if not self.folder.plan.is_file() or self.plan().sound == "disguised":
            self.hear()
        for _ in range(_ROUNDS):
            part = self.cut(out)
            report = self.attack(part)
            if report.safe:
                self.finish(part, out)
                shutil.rmtree(self.folder.cuts)
                return report
            if not raise_covers(case, self._in_force(), self.folder, report, partial(rehearse, case, self.folder)):
                break
        if report.verdict == "not proven":
            raise NotProven(*report.unproven())
        part.unlink()
        raise Exposed(report.exposure(), "see report.html in the case folder, and choose a stronger cover in plan.toml")

    def finish(self, part: Path, out: Path) -> None:
        """Give a result that was found safe its final name; what belongs beside it is written first.

        Lent doubles in it are told so. Raises Exposed when a hidden word would stand beside it.
        """
        plan = self._in_force()
        publishing.beside(load_case(self.folder), plan, self.folder, part, out)
        worn = {role.double for role in (*plan.roles.values(), plan.others) if role.double and role.cover == "double"}
        lent.note(worn, plan.title, part, lent.today())
        os.replace(part, out)

    def _in_force(self) -> Plan:
        return in_force(self.plan(), load_raised(self.folder))

    def _part(self, out: Path) -> Path:
        """Return where a result is written before it has its name; raise VeilError when it cannot be."""
        if out.exists():
            raise VeilError("the result exists already", "choose another name with -o, or remove it")
        if any(path.exists() for path in beside(out)):
            raise VeilError(
                "there is a transcript, subtitles or a record of that name already", "choose another name, or move them"
            )
        if out.suffix.lower() not in media.CONTAINERS:
            raise VeilError(
                "the kind of film to write is not clear from its name", "end the name in .mp4, .mov or .mkv"
            )
        part = out.with_name(out.name + ".part")
        media.check_writable(part)
        return part

    def _took(self, what: str, began: float) -> None:
        self.seconds[what] = round(self.seconds.get(what, 0.0) + time.perf_counter() - began, 3)


def wardrobe_sheet(out: Path) -> None:
    """Write a picture of every double, calm, speaking and turned; raise VeilError when it cannot be written."""
    write_wardrobe(out)


def lent_doubles() -> dict[str, lent.Record | None]:
    """Return what is kept of every double that was ever lent, by name; None where that is damaged."""
    kept: dict[str, lent.Record | None] = {}
    for name in lent.names():
        try:
            kept[name] = lent.record(name)
        except VeilError:
            kept[name] = None
    return kept


def make_double(
    told: Told, sources: Sequence[Path], consent: Path, title: str = "", progress: Progress = silent
) -> Made:
    """Make a double of one volunteer from photos or a clip, and keep it in the user's wardrobe.

    Raises VeilError, and keeps nothing, when the consent does not hold or the pictures do not serve.
    """
    lent.check_name(told.name, wardrobe.names())
    agreed = lent.read_consent(consent, lent.today(), title)
    made = make(told, sources, progress)
    lent.store(told.name, wardrobe.packed(made.double), lent.Record((agreed,), lent.today()))
    return made


def compose_double(told: Told, sources: Sequence[Path], consents: Sequence[Path], title: str = "") -> Made:
    """Make a double of at least five volunteers in which none is recognised, and keep it in the user's wardrobe.

    Raises VeilError, and keeps nothing, when a consent does not hold, a photo does not serve or somebody shows.
    """
    lent.check_name(told.name, wardrobe.names())
    kept = lent.joint_record([lent.read_consent(path, lent.today(), title) for path in consents], lent.today())
    if len(kept.consents) != len(sources):
        said = f"{len(sources)} photos and {len(kept.consents)} consents do not go together"
        raise VeilError(said, "give one photo and one consent of each volunteer")
    made = compose(told, sources)
    lent.store(told.name, wardrobe.packed(made.double), kept)
    return made


def withdraw_double(name: str) -> lent.Record:
    """Destroy a lent double, whose lender wants it back; return what stays: the consent and the films that used it."""
    return lent.withdraw(name, lent.today())


def consent_template(out: Path) -> None:
    """Write a consent for a volunteer to fill in; raise VeilError when something is there, or it cannot be written."""
    lent.write_template(out, lent.today())
