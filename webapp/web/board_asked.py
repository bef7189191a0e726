"""What a person asks of the board in its address: lane, owner, name, overdue only; and how far columns are open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.datastructures import MultiDict

from webapp.domain.client import name_key
from webapp.domain.words import Department
from webapp.queries.board_order import Filters, FIRST
from webapp.web.access import actor, LARGEST_ID
from webapp.web.answers import current_page
from webapp.web.checks import clean

MOST = 200
"""Cards of one column that are kept up to date; further ones are shown on request only."""

MINE = "mine"


@dataclass(frozen=True, slots=True)
class Asked:
    """``filters`` for the query; ``owner`` and ``text`` as the form shows them."""

    filters: Filters
    owner: str = ""
    text: str = ""
    lengths: Mapping[int, int] = field(default_factory=dict)
    """Cards shown by stage, where somebody asked for more than the first."""

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "Asked":
        """Whatever an address holds: what cannot be read is not asked for."""
        lane, owner = arguments.get("lane", ""), arguments.get("owner", "")
        text = " ".join(clean(arguments.get("q", "")).split())[:100]
        owner_id = actor().id if owner == MINE else _number(owner)
        filters = Filters(
            lane=Department(lane) if lane in set(Department) else None,
            owner_id=owner_id,
            name=name_key(text),
            overdue=arguments.get("overdue") == "1",
        )
        return cls(filters, "" if owner_id is None else owner, text, _lengths(arguments.getlist("shown")))

    @classmethod
    def there(cls, arguments: MultiDict[str, str]) -> "Asked":
        """What the page asks on which a fragment will be shown; ``arguments`` are the fragment's own."""
        asked = cls.of(MultiDict(parse_qsl(urlsplit(current_page()).query)))
        return cls(asked.filters, asked.owner, asked.text, {**asked.lengths, **_lengths(arguments.getlist("shown"))})

    @property
    def active(self) -> bool:
        return self.filters != Filters()

    def query(self, **further: object) -> str:
        """The same question as the rest of an address."""
        asked = {
            "lane": self.filters.lane or "",
            "owner": self.owner,
            "q": self.text,
            "overdue": "1" if self.filters.overdue else "",
            **further,
        }
        return urlencode({key: value for key, value in asked.items() if value})


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 and int(text) < LARGEST_ID else None


def _lengths(shown: list[str]) -> dict[int, int]:
    """``9-40``: forty cards of stage 9. In whole steps, so that few different statements are asked."""
    found: dict[int, int] = {}
    for text in shown[:100]:
        stage, _, length = text.partition("-")
        stage_id, count = _number(stage), _number(length)
        if stage_id is not None and count is not None:
            found[stage_id] = max(found.get(stage_id, FIRST), min(-(-count // FIRST) * FIRST, MOST))
    return found
