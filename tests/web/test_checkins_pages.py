"""The pages of check-ins."""

import re
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.moving import CALM, DURESS, case_of, expect, name_of
from tests.networks import Network, Time
from veil.casework import clock, world
from veil.casework.moves.models import CheckIn
from veil.casework.network.roles import Role


def told(answer: object) -> str:
    """Return a page without what is random in each answer."""
    page = answer.content.decode()  # type: ignore[attr-defined]
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def same(text: str, one: CheckIn) -> str:
    """Return a page without the ids of its check-in."""
    return text.replace(str(one.id), "ID").replace(str(one.root), "ROOT").replace(one.code, "CODE")


def test_the_pages_after_a_duress_word_are_those_after_a_calm_one(network: Network, time_passes: Time) -> None:
    """Answer, check-in, list and board are the same to the byte for whoever entered it, whichever word it was."""
    chief = network.hand(Role.COORDINATOR)
    seen = []
    time_passes.stop()  # else the hour could change between the two
    browser = network.browser(Role.CASE_WORKER)
    for sentence in (CALM, DURESS):
        with world.within(chief.store):
            CheckIn.objects.all().delete()
            one = expect(chief, case_of(network, chief), hours=1)
            CheckIn.objects.filter(id=one.id).update(due=one.due.replace(minute=0, second=0), code="AAA-AAA")
            one.refresh_from_db()
            name = name_of(chief, one, sentence)
        answer = browser.post(f"/moves/checkins/{one.id}", {"turn": "0", "heard": name})
        pages = [same(answer.headers["Location"], one), str(answer.status_code), told(answer)]
        for address in (f"/moves/checkins/{one.id}", "/moves/checkins", "/"):
            page = told(browser.get(address))
            assert DURESS not in page
            assert "danger" not in page
            pages.append(re.sub(r"\d\d:\d\d", "HH:MM", same(page, one)))
        seen.append(pages)
    assert seen[0] == seen[1]
    assert "a duress word was heard" in told(network.browser(Role.COORDINATOR).get("/moves/checkins"))


def test_from_agreeing_to_answering(network: Network, time_passes: Time) -> None:
    """A case worker agrees, sees it when it is due with its sentences, and answers with one tap; both languages."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        case = case_of(network, chief)
        at = (clock.now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    browser = network.browser(Role.CASE_WORKER, "ru")
    sent = {"due": at, "grace": "15", "every": "1440", "calm": CALM, "duress": DURESS}
    wrong = browser.post(f"/moves/checkins/of/{case}", sent | {"duress": CALM})
    assert wrong.status_code == 400
    made = browser.post(f"/moves/checkins/of/{case}", sent)
    assert made.status_code == 302
    assert CALM not in told(browser.get("/moves/checkins"))
    time_passes.go(hours=2, minutes=20)
    page = told(browser.get("/moves/checkins"))
    assert CALM in page
    assert DURESS in page
    assert "danger" in page
    with world.within(chief.store):
        one = CheckIn.objects.get()
        name = name_of(chief, one, CALM)
    assert browser.post(made.headers["Location"], {"rung": "0"}).status_code == 302
    assert browser.post(made.headers["Location"], {"turn": "0", "heard": name}).status_code == 302
    assert browser.post(made.headers["Location"], {"turn": "0", "heard": name}).status_code == 409
    assert "Plover" in told(browser.get(made.headers["Location"]))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.HOST, Role.CLINICIAN, Role.LAWYER, Role.PRESS, Role.AUDITOR])
def test_nobody_else_sees_a_check_in(network: Network, role: Role) -> None:
    """Other roles are refused the list, the thing, and the form; a host's list holds their own houses' alone."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), hours=1)
    browser = network.browser(role)
    sent = {"heard": "x", "turn": "0"}
    listed = 200 if role == Role.HOST else 403  # a host has a list: of the check-ins of their house
    for address, told in (("", listed), (f"/{one.id}", 403), (f"/of/{one.root}", 403)):
        for answer in (browser.get(f"/moves/checkins{address}"), browser.post(f"/moves/checkins{address}", sent)):
            assert answer.status_code == told
            assert one.code not in answer.content.decode()


def test_no_form_breaks(network: Network) -> None:
    """Whatever is sent to the forms of check-ins, the answer is a page that says what to do."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        one = expect(chief, case_of(network, chief), hours=1)
    browser = network.browser(Role.CASE_WORKER)
    names = st.sampled_from(
        ["due", "grace", "every", "calm", "duress", "how", "turn", "heard", "unheard", "rung", "take", "again", "near"]
    )
    pages = st.sampled_from(
        [f"/moves/checkins/{one.id}", f"/moves/checkins/of/{one.root}", f"/moves/checkins/ladder/{one.root}"]
    )

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(pages, st.dictionaries(names, st.text(max_size=40) | st.integers().map(str), max_size=5))
    def sends(address: str, sent: dict[str, str]) -> None:
        assert browser.post(address, sent).status_code in {200, 302, 400, 403, 409}
        assert browser.get(f"/moves/checkins/{uuid.uuid4()}").status_code == 403

    sends()
