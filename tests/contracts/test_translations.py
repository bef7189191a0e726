"""The Russian interface is complete: no message is missing, doubtful or filled differently."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from tests.support.sources import nodes, nothing, python, ROOT, where

RUSSIAN = ROOT / "webapp/translations/ru/LC_MESSAGES/messages.po"
FORMS = 3
"""один клиент, два клиента, пять клиентов"""


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    """Every message that a template or the code asks for today."""
    path = tmp_path_factory.mktemp("messages") / "messages.pot"
    subprocess.run([ROOT / ".ci" / "messages", path], check=True)
    return [message for message in _read(path) if message.id]


@pytest.fixture(scope="module")
def russian() -> Catalog:
    return _read(RUSSIAN)


def test_no_message_is_missing(messages: list[Message], russian: Catalog) -> None:
    found = (_name(message) for message in messages if message.id not in russian)
    nothing(found, "`make messages` collects it; then translate it")


def test_no_message_is_untranslated_or_doubtful(messages: list[Message], russian: Catalog) -> None:
    found = [
        f"{_name(message)}: {'doubtful' if held.fuzzy else 'empty'}"
        for message in messages
        if (held := russian.get(message.id)) and (held.fuzzy or not all(_forms(held.string)))
    ]
    nothing(found, f"translate it in {RUSSIAN.relative_to(ROOT)} and take its fuzzy mark away")


def test_plurals_have_all_russian_forms(messages: list[Message], russian: Catalog) -> None:
    found = [
        _name(message)
        for message in messages
        if message.pluralizable and (held := russian.get(message.id)) and len(held.string) != FORMS
    ]
    nothing(found, f"a plural has {FORMS} forms")


def test_a_translation_is_filled_with_the_same_values(messages: list[Message], russian: Catalog) -> None:
    found = [
        f"{_name(message)}: {form!r}"
        for message in messages
        if (held := russian.get(message.id))
        for form in _forms(held.string)
        if form and _placeholders(form) != _placeholders(_forms(message.id)[-1])
    ]
    nothing(found, "the same %(names)s in both languages")


def test_the_catalogue_holds_nothing_that_nobody_asks_for(messages: list[Message], russian: Catalog) -> None:
    asked = {message.id if isinstance(message.id, str) else message.id[0] for message in messages}
    found = (_name(held) for held in russian if held.id and _forms(held.id)[0] not in asked)
    nothing(found, "`make messages` removes it")


def test_no_sentence_hides_in_an_f_string() -> None:
    """Where the collector of messages does not see it, nobody translates it."""
    found = [
        f"{where(file, call)} {call.args[0].value!r}"
        for file in python("webapp")
        for text in nodes(file)
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in {"_", "_l", "N_", "ngettext"}
        and isinstance(call.args[0], ast.Constant)
    ]
    nothing(found, "write the sentence outside of the f-string")


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ru")


def _forms(string: str | tuple[str, ...] | list[str]) -> list[str]:
    return [string] if isinstance(string, str) else list(string)


def _name(message: Message) -> str:
    return repr(_forms(message.id)[0])


def _placeholders(text: str) -> set[str]:
    return set(_filled(text)) - {"num"}


def _filled(text: str) -> Iterator[str]:
    yield from re.findall(r"%\((\w+)\)[sd]", text)
