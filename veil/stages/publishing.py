"""Publishing: writes what belongs beside a finished film, for the very file that the last attack found safe."""

from dataclasses import replace
from pathlib import Path

from veil.nouns.plan import Plan
from veil.stages.case import Case, CaseFolder, load_case
from veil.stages.credentials import check_finished
from veil.stages.escalation import in_force, load_raised
from veil.stages.heard import load_heard
from veil.stages.hidden_words import wording
from veil.stages.outputs import Told, Written, outputs
from veil.stages.plan import make_plan
from veil.stages.said import disguised, placed_in
from veil.stages.translation import Translation


def publish(
    folder: CaseFolder, result: Path, translation: Translation | None = None, *, read: bool = False, again: bool = False
) -> Written:
    """Write transcript, subtitles and record beside a finished result.

    `read` tells that a person has replaced the names in the translation already; `again` writes over what is there.

    Raises VeilError when this is not the film that was found safe, Exposed when a hidden word would be told.
    """
    case = load_case(folder)
    plan = in_force(make_plan(case, folder), load_raised(folder))
    check_finished(case, plan, folder, result)
    told = told_of(case, plan, folder, translation)
    told = replace(told, rename=lambda text, _: text) if read else told
    return outputs(case, plan, told, result, again=again)


def beside(case: Case, plan: Plan, folder: CaseFolder, film: Path, result: Path) -> Written | None:
    """Write what belongs beside a result that is found safe and about to get its name; `film` is where it lies.

    None where nothing is known of what is said in it. Raises Exposed when a hidden word would be told.
    """
    if not any(phrase.words for phrase in load_heard(folder).transcript.phrases):
        return None
    return outputs(case, plan, told_of(case, plan, folder), result, film=film)


def told_of(case: Case, plan: Plan, folder: CaseFolder, translation: Translation | None = None) -> Told:
    """Return what may be told of a film, with what its reviewed names say that must not be."""
    transcript = disguised(case, plan, folder)
    hidden, rename = wording(case, plan, folder, load_heard(folder))
    return Told(transcript, hidden, placed_in(plan, folder), plan.publication, translation, rename)
