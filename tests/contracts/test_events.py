"""Events are told in one place, in one order, and each by somebody."""

import re

from tests.support.sources import calls, nothing, python, texts, where
from webapp.domain.event import EVENT_KINDS


def test_kinds_stand_in_alphabetical_order() -> None:
    assert list(EVENT_KINDS) == sorted(EVENT_KINDS)


def test_a_kind_is_a_subject_and_an_action() -> None:
    nothing((kind for kind in EVENT_KINDS if not re.fullmatch(r"[a-z]+:[a-z]+", kind)), "a kind is `subject:action`")


def test_every_kind_is_told_by_some_verb() -> None:
    sources = {file: file.read_text() for file in python("webapp") if file.name != "event_kinds.py"}
    silent = [kind for kind in EVENT_KINDS if not any(f'"{kind}"' in text for text in sources.values())]
    nothing(silent, "an event that nothing writes: remove it, or write it in the verb that changes")


def test_verbs_tell_only_kinds_that_stand_in_the_table() -> None:
    told = [
        f"{where(file, call)} {kind}"
        for file in python("webapp")
        for call in calls(file, "event", "_event")
        for kind in texts(call.args)[:1]
        if kind not in EVENT_KINDS
    ]
    nothing(told, "add the kind to EVENT_KINDS, in its place")
