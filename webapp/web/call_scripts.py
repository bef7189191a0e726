"""What clerks say on the phone: the head of the Client department writes the company's own lines."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.call_script import LANGUAGES, LONGEST, own_line, PLACES, rewrite, spoken
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.queue import Rank, RANK_OF, RANKS, Reason
from webapp.exchange.letters import EXAMPLES
from webapp.queries.call_scripts import last_changes
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.session import me

bp = Blueprint("call_scripts", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line in one language, as it is typed and as it is said."""

    key: str
    rank: Rank
    language: str
    text: str
    example: str
    own: bool
    changed: tuple[datetime, str] | None
    """When it was last changed, and by whom."""
    error: str


@bp.get("/queue/scripts")
@requires(Permission.SCRIPT_EDIT)
def show() -> Response:
    return _page()


@bp.post("/queue/scripts/<reason>/<language>")
@requires(Permission.SCRIPT_EDIT)
def change(reason: str, language: str) -> Response:
    """Another line from now on; empty, or the shipped words themselves, go back to the shipped ones."""
    if reason not in set(Reason) or language not in LANGUAGES:
        abort(404)
    of, text = Reason(reason), clean(request.form.get("text"))
    try:
        with transaction() as session:
            company = session.get_one(Company, 1, with_for_update=True)
            own = "" if text == _shipped(RANK_OF[of], language) else text
            if own != own_line(company, of, language):
                session.add(rewrite(company, of, language, own, by=me(), at=now()))
    except Refused as refusal:
        return _page(f"{reason}-{language}", text, say(refusal))
    return see(url_for(".show", _anchor=f"{reason}-{language}"), _("Saved."))


def _page(wrong: str = "", typed: str = "", error: str = "") -> Response:
    """All lines; ``wrong`` is the one that was refused, with what was typed in it and why."""
    company = db.session.get_one(Company, 1)
    changes, lines = last_changes(db.session()), []
    for rank in RANKS:
        for language in LANGUAGES:
            key, own = f"{rank.reason.value}-{language}", own_line(company, rank.reason, language)
            text = typed if key == wrong else own or _shipped(rank, language)
            names = {**EXAMPLES[language], "company": company.name, "clerk": me().name}
            said, why = spoken(text, names), error if key == wrong else ""
            lines.append(Line(key, rank, language, text, said, bool(own), changes.get(key), why))
    return page("call_scripts.html", 422 if wrong else 200, lines=lines, ranks=RANKS, fills=PLACES, longest=LONGEST)


def _shipped(rank: Rank, language: str) -> str:
    with force_locale(language):
        return _(rank.script)
