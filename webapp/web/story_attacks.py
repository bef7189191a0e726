"""The timeline's sentences about attacks and losses."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from webapp.domain.attack_state import LOST_CAUSES, Severity
from webapp.domain.loss import LOSS_CAUSES
from webapp.web.i18n import day
from webapp.web.i18n import translated as _

Details = Mapping[str, Any]

ATTACK_TONES = {
    "attack:raised": "bad",
    "attack:joined": "bad",
    "attack:lost": "bad",
    "attack:defended": "good",
    "client:lost": "bad",
    "client:wonback": "good",
}


def _attack(details: Details) -> tuple[str, str]:
    cause, severity = details.get("cause"), details.get("severity")
    why = _(LOST_CAUSES[cause]) if cause in LOST_CAUSES else ""
    how = _(Severity(severity).label) if severity in set(Severity) else ""
    return _joined(details.get("name"), how, why), details.get("evidence") or details.get("outcome") or ""


def _lost(details: Details) -> tuple[str, str]:
    cause, since = details.get("cause"), details.get("on")
    why = _(LOSS_CAUSES[cause]) if cause in LOSS_CAUSES else ""
    return _joined(why, details.get("name"), day(date.fromisoformat(since)) if since else ""), details.get("note") or ""


def _won_back(details: Details) -> tuple[str, str]:
    return _joined(details.get("owner"), _("The loss was recorded by mistake") if details.get("mistaken") else ""), ""


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


ATTACK_SENTENCES: dict[str, Callable[[Details], tuple[str, str]]] = {
    "attack": _attack,
    "client:lost": _lost,
    "client:wonback": _won_back,
}
