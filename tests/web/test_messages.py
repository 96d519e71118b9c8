"""Every word that a page or an error says has a Russian translation."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

_TOOL = Path(__file__).parents[2] / "tools" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """Load the tool that keeps the catalogues."""
    spec = importlib.util.spec_from_file_location("messages", _TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_said_in_one_language_only(messages: ModuleType) -> None:
    """Each message of a template, a page or an error stands in some catalogue with all of its forms."""
    assert messages.missing() == {}


def test_one_thing_is_called_by_one_name(messages: ModuleType) -> None:
    """No two catalogues translate the same words differently: which of them a page would show is chance."""
    said: dict[object, set[object]] = {}
    for part in messages.parts():
        for told, forms in messages.strings(part).items():
            said.setdefault(told, set()).add(forms)
    assert {told: forms for told, forms in said.items() if len(forms) > 1} == {}


def test_what_is_compiled_is_what_is_written(messages: ModuleType) -> None:
    """No compiled catalogue is older than the translator's words."""
    assert messages.stale() == []


def test_a_new_word_is_noticed(messages: ModuleType, tmp_path: Path) -> None:
    """The tool finds words in templates (plain, counted, within tags) and in Python."""
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}<p>{% translate "one" %}</p>{% include "x" with words=_("two") %}\n'
        "    {% blocktranslate count n=n trimmed %}three\n one{% plural %}three {{ n }}{% endblocktranslate %}"
    )
    assert messages.messages_of(page) == {(None, "one"), (None, "two"), (None, ("three one", "three %(n)s"))}
