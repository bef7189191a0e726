"""A launch in words and as a picture: what is next for a client, goals against fact, the funnel."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel, Step, TouchState
from webapp.queries.launch_page import LaunchPage
from webapp.queries.launch_untold import Coming, Untold
from webapp.web.i18n import day

WIDTH = 1000
NARROWEST = 4
"""Of a bar that is not empty, so that it is seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the funnel as a centred bar. ``kind`` names its look; ``goal`` 0 is none."""

    label: str
    number: int
    whole: int
    kind: str
    hint: str = ""
    goal: int = 0

    @property
    def width(self) -> int:
        if not self.number:
            return 0
        return max(NARROWEST, min(WIDTH, WIDTH * self.number // max(self.whole, 1)))

    @property
    def left(self) -> int:
        return (WIDTH - self.width) // 2

    @property
    def percent(self) -> int:
        return (200 * self.number + self.whole) // (2 * self.whole) if self.whole else 0


def steps_drawn(launch: Launch, view: LaunchPage) -> tuple[Bar, ...]:
    """The whole launch from the audience to those who bought, what was only sent apart from who was told."""
    whole = max(launch.size, sum(view.steps.values()))
    bars = [Bar(_("Audience"), whole, whole, "all")]
    for channel, label in ((Channel.EMAIL, _("E-mails sent")), (Channel.LEAFLET, _("Leaflets sent"))):
        way = view.of(channel)
        if way is not None:
            bars.append(Bar(label, way.reached, whole, "sent", _("sending tells nobody")))
    bars.append(Bar(_("Told in person"), view.in_person, whole, "told", goal=launch.told_goal))
    answered = view.came_to(Step.TOLD) - view.in_person
    if answered:
        bars.append(Bar(_("Know it otherwise"), answered, whole, "other", _("answered by themselves, or knew before")))
    bars += [
        Bar(_("Showed interest"), view.came_to(Step.INTERESTED), whole, "step", goal=launch.interested_goal),
        Bar(_("Got an offer"), view.offered, whole, "step", _untold(view.offered_untold)),
        Bar(_("Bought"), view.came_to(Step.BOUGHT), whole, "sold", goal=launch.sold_goal),
    ]
    return tuple(bars)


def _untold(number: int) -> str:
    """A proposal alone tells nobody."""
    return ngettext("%(num)s of them nobody told yet", "%(num)s of them nobody told yet", number) if number else ""


def goals(launch: Launch, view: LaunchPage) -> tuple[tuple[str, int, int], ...]:
    """What was reached of each goal that was set: words, fact, goal."""
    found = (
        (_("Told in person"), view.in_person, launch.told_goal),
        (_("Showed interest"), view.came_to(Step.INTERESTED), launch.interested_goal),
        (_("Bought"), view.came_to(Step.BOUGHT), launch.sold_goal),
    )
    return tuple(each for each in found if each[2])


def coming(rows: Sequence[Untold]) -> dict[int, str]:
    """What is next for each client that nobody told: the most personal contact to come, else what became of that."""
    return {row.id: _said(_next(row.touches)) if row.touches else _("Not planned yet") for row in rows}


def _next(touches: Sequence[Coming]) -> Coming:
    to_come = (each for each in touches if each.state in (TouchState.PLANNED, TouchState.GIVEN))
    return next(to_come, touches[0])


def _said(each: Coming) -> str:
    name = _(each.channel.label)
    if each.state is TouchState.MISSED:
        return f"{name}: {_(each.missed.label) if each.missed else ''}"
    if each.state is TouchState.DONE and each.channel in (Channel.EMAIL, Channel.LEAFLET):
        return _("%(channel)s: sent, and not answered", channel=name)
    if each.state is TouchState.DONE:
        return _("%(channel)s: done, and not told by it", channel=name)
    if each.state is TouchState.PLANNED:
        return _waiting(each, name)
    if each.channel is Channel.VISIT:
        return _("%(channel)s: in the planner of %(name)s", channel=name, name=each.person or "–")
    if each.channel is Channel.CALL and each.due_on is not None:
        return _("%(channel)s: %(name)s on %(day)s", channel=name, name=each.person or "–", day=day(each.due_on))
    return _("%(channel)s: on its way", channel=name)


def _waiting(each: Coming, name: str) -> str:
    if each.week is None:
        return _("%(channel)s: with the next invoice", channel=name)
    if each.late:
        return _(
            "%(channel)s: the week of %(day)s, since the client has its contacts until then",
            channel=name,
            day=day(each.week),
        )
    return _("%(channel)s: the week of %(day)s", channel=name, day=day(each.week))
