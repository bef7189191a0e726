"""Health as a pure function of what is known on a day: no part alone decides, and silence is never green."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import TODAY
from webapp.domain.attack_state import Severity
from webapp.domain.contact import DecisionRole
from webapp.domain.errors import Refused
from webapp.domain.health import Band, KEYS, PARTS, percents, reckon, troubled
from webapp.domain.health_facts import Assault, Bill, Dispute, Facts, Leaver, Notice, Source, Touch, Vow
from webapp.domain.health_known import LOOK_BACK
from webapp.domain.health_terms import SHIPPED, Terms, Threshold, Tier
from webapp.domain.visit_state import VisitOutcome

NOBODY = Facts(client_id=1, day=TODAY, since=TODAY - timedelta(days=500), live_days=90)
"""A client of whom nothing speaks."""

past = st.integers(0, 399).map(lambda days: TODAY - timedelta(days=days))
maybe = st.none() | past
numbers = st.integers(1, 5)
roles = st.sampled_from(DecisionRole)


@st.composite
def a_bill(draw: st.DrawFn) -> Bill:
    issued = draw(past)
    due = issued + timedelta(days=draw(st.integers(0, 30)))
    paid = draw(st.none() | st.integers(0, 200))
    paid_on = None if paid is None or issued + timedelta(days=paid) > TODAY else issued + timedelta(days=paid)
    number, product, minor = draw(st.integers(1, 99)), draw(numbers), draw(st.integers(1, 10_000))
    return Bill(number, product, draw(st.booleans()), issued, due, minor, "RUB", paid_on)


@st.composite
def an_end(draw: st.DrawFn) -> tuple[date, date | None]:
    began = draw(past)
    ended = began + timedelta(days=draw(st.integers(0, 300)))
    return began, ended if ended <= TODAY else None


def several(one: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(one, max_size=5).map(tuple)


INPUTS: dict[str, st.SearchStrategy] = {
    "bills": several(a_bill()),
    "pledges_broken": several(st.tuples(past, numbers)),
    "promises": several(
        st.builds(Vow, numbers, maybe, maybe, st.none()) | st.builds(Vow, numbers, maybe, st.none(), maybe)
    ),
    "disputes": several(st.tuples(numbers, an_end()).map(lambda it: Dispute(it[0], *it[1]))),
    "talks": several(st.tuples(past, numbers)),
    "notices": several(st.builds(Notice, numbers, past, past.map(lambda day: day + timedelta(days=200)))),
    "attacks": several(
        st.tuples(numbers, st.sampled_from(Severity), an_end(), st.booleans()).map(
            lambda it: Assault(it[0], it[1], *it[2], bool(it[2][1]) and it[3], bool(it[2][1]) and not it[3])
        )
    ),
    "leavers": several(st.builds(Leaver, numbers, past, roles, st.booleans())),
    "last_word": st.none() | st.tuples(past, numbers, st.sampled_from(VisitOutcome)),
}
"""Each kind of fact by itself. (What is known of contacts goes together: a thread is a contact.)"""

one_input = st.sampled_from(sorted(INPUTS)).flatmap(lambda name: st.tuples(st.just(name), INPUTS[name]))

contacts = st.lists(st.builds(Touch, numbers, st.booleans(), numbers, roles, past), max_size=6).map(tuple)


@st.composite
def relations(draw: st.DrawFn) -> dict[str, object]:
    threads = draw(contacts)
    newest = max((each.on for each in threads), default=None)
    last = draw(maybe) if newest is None else draw(past.filter(lambda day: day >= newest))
    norm = draw(st.none() | st.integers(7, 180))
    return {
        "threads": threads,
        "last_contact": last and (last, 1),
        "last_visit": last and (draw(past), 1),
        "visit_norm": norm,
        "programme_since": None if norm is None else draw(past),
        "key": draw(st.booleans()),
    }


whole = st.builds(lambda of, about: replace(NOBODY, **of, **about), st.fixed_dictionaries(INPUTS), relations())


def of_tier(tier: Tier) -> Facts:
    """A client of whom nothing speaks; one in the programme may be a key client too."""
    since = TODAY - timedelta(days=40) if tier is Tier.PROGRAMME else None
    return replace(NOBODY, key=tier is not Tier.ORDINARY, programme_since=since)


def level(facts: Facts) -> int:
    return reckon(facts, SHIPPED).level


def test_of_whom_nothing_is_known_it_is_too_early_to_speak():
    nothing = reckon(NOBODY, SHIPPED)
    assert nothing.band is Band.TOO_EARLY
    assert all(points == 0 for part, points in nothing.points.items() if part != "relationship")


@settings(max_examples=40)
@given(whole)
def test_a_part_never_exceeds_its_weight_and_the_level_is_their_sum(facts):
    health = reckon(facts, SHIPPED)
    assert all(abs(health.points[part]) <= SHIPPED.weights[part] for part in KEYS)
    assert health.level == max(0, min(100, SHIPPED.start + sum(health.points.values())))
    assert all(-100 <= percent <= 100 for percent in percents(facts).values())
    for part in PARTS:
        rules = {rule.key: rule for rule in part.rules}
        for found in health.findings[part.key]:
            assert rules[found.rule].least <= found.percent <= rules[found.rule].most
            assert facts.watched_from - timedelta(days=1) <= found.on <= facts.day
            assert found.source.id > 0
    gains = [lift.points for lift in health.lifts(SHIPPED)]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)


@settings(max_examples=150)
@given(one_input, st.sampled_from(Tier))
def test_no_input_alone_moves_a_client_from_the_start_across_a_band(given_, tier):
    name, value = given_
    for since in (TODAY - timedelta(days=60), NOBODY.since):
        facts = replace(of_tier(tier), since=since, **{name: value})
        health = reckon(facts, SHIPPED)
        assert health.threshold.tier is tier
        alone = SHIPPED.start + sum(points for part, points in health.points.items() if part != "relationship")
        assert health.threshold.critical <= alone < health.threshold.healthy, (name, health.points)


@settings(max_examples=40)
@given(relations())
def test_relations_alone_move_nobody_across_a_band(about):
    health = reckon(replace(NOBODY, **about), SHIPPED)
    assert health.band in (Band.AT_RISK, Band.TOO_EARLY)


@settings(max_examples=40)
@given(whole, st.integers(0, 400))
def test_after_silence_it_is_too_early_to_speak_unless_something_is_wrong_and_never_healthy(facts, days):
    later = replace(facts, day=facts.day + timedelta(days=SHIPPED.silent_days + 1 + days))
    band = reckon(later, SHIPPED).band
    assert band is not Band.HEALTHY
    assert band is Band.TOO_EARLY or troubled(later, SHIPPED)


@settings(max_examples=150)
@given(relations(), st.integers(1, 2))
def test_the_departure_of_one_of_ours_never_raises_health(about, user):
    # Of two of ours, so that the last one leaves in every few draws; what else is known of the client is left as it is.
    about["threads"] = tuple(each._replace(user_id=1 + each.user_id % 2) for each in about["threads"])
    facts = replace(NOBODY, **about)
    without = replace(facts, threads=tuple(each for each in facts.threads if each.user_id != user))
    assert_no_better(facts, without)
    assert reckon(facts, SHIPPED).band is not Band.TOO_EARLY or reckon(without, SHIPPED).band is Band.TOO_EARLY


@settings(max_examples=150)
@given(whole, st.integers(1, 5), roles, st.booleans(), st.sampled_from([30, 60, 200, 365]))
def test_the_departure_of_one_of_theirs_never_raises_health(facts, contact, role, champion, live_days):
    facts = replace(facts, live_days=live_days)
    gone = Leaver(contact, facts.day, role, champion)
    threads = tuple(each for each in facts.threads if each.contact_id != contact)
    assert_no_better(facts, replace(facts, threads=threads, leavers=(*facts.leavers, gone)))


def assert_no_better(facts: Facts, after: Facts) -> None:
    was, now = reckon(facts, SHIPPED), reckon(after, SHIPPED)
    assert now.level <= was.level
    order = (Band.CRITICAL, Band.AT_RISK, Band.HEALTHY)
    if was.band is Band.TOO_EARLY:
        assert now.band is not Band.HEALTHY
    elif now.band is not Band.TOO_EARLY:
        assert order.index(now.band) <= order.index(was.band)


def test_whoever_leaves_weighs_by_their_part_until_somebody_takes_their_place():
    gone, since = TODAY - timedelta(days=20), TODAY - timedelta(days=10)

    def percent(*leavers: Leaver, live: DecisionRole | None = None, on: date = since, day: date = TODAY) -> int:
        threads = () if live is None else (Touch(7, False, 99, live, on),)
        return percents(replace(NOBODY, leavers=leavers, threads=threads, day=day))["people"]

    decides, pays, unknown = DecisionRole.DECIDES, DecisionRole.PAYS, DecisionRole.UNKNOWN
    decider, champion = Leaver(1, gone, decides, False), Leaver(2, gone, pays, True)
    payer, anybody = Leaver(3, gone, pays, False), Leaver(4, gone, unknown, False)
    assert [percent(each) for each in (decider, champion, payer, anybody)] == [-100, -60, -20, -20]
    assert [percent(payer, anybody), percent(champion, payer), percent(decider, payer)] == [-40, -80, -100]
    assert [percent(each, live=decides) for each in (decider, champion, payer, anybody)] == [0, 0, -20, 0]
    assert [percent(each, live=pays) for each in (decider, champion, payer, anybody)] == [-100, -60, 0, 0]
    assert [percent(each, live=unknown) for each in (decider, champion, payer, anybody)] == [-100, -60, -20, 0]
    assert percent(payer, live=pays, on=gone) == -20, "the last day of who left is no sign of a successor"
    year = timedelta(days=365)
    assert [percent(payer, day=gone + year - timedelta(days=1)), percent(payer, day=gone + year)] == [-20, 0]


def test_who_left_is_heard_where_nothing_else_is_and_never_turns_silence_green():
    silent = replace(NOBODY, last_contact=(TODAY - timedelta(days=200), 7))
    assert reckon(silent, SHIPPED).band is Band.TOO_EARLY
    gone = Leaver(3, TODAY, DecisionRole.USES, False)
    assert reckon(replace(silent, leavers=(gone,)), SHIPPED).band is Band.AT_RISK
    long_ago = gone._replace(left_on=TODAY - timedelta(days=SHIPPED.silent_days + 1))
    assert reckon(replace(silent, leavers=(long_ago,)), SHIPPED).band is Band.TOO_EARLY
    year = timedelta(days=365)
    prepaid = Bill(1, 1, True, TODAY - year, TODAY - timedelta(days=30), 100, "RUB", TODAY - timedelta(days=150))
    kept = tuple(Vow(number, None, TODAY - timedelta(days=150), None) for number in (1, 2))
    well = replace(silent, bills=(prepaid,), promises=kept, talks=((TODAY - timedelta(days=130), 1),), live_days=365)
    well = replace(
        well, threads=tuple(Touch(user, True, 5, DecisionRole.DECIDES, TODAY - timedelta(days=200)) for user in (1, 2))
    )
    before, after = reckon(well, SHIPPED), reckon(replace(well, leavers=(gone,)), SHIPPED)
    assert after.level >= after.threshold.healthy
    assert (before.band, after.band) == (Band.TOO_EARLY, Band.TOO_EARLY)


@settings(max_examples=40)
@given(whole, st.randoms())
def test_the_order_in_which_facts_are_read_changes_nothing(facts, chance):
    shuffled = {}
    for field in fields(Facts):
        value = getattr(facts, field.name)
        if field.name == "threads" or (field.name in INPUTS and field.name != "last_word"):
            value = tuple(chance.sample(value, len(value)))
            shuffled[field.name] = value
    before, after = reckon(facts, SHIPPED), reckon(replace(facts, **shuffled), SHIPPED)
    assert (before.level, before.band, before.points) == (after.level, after.band, after.points)


@pytest.mark.parametrize(
    ("tier", "days", "critical", "healthy"),
    [
        (Tier.ORDINARY, 0, 27, 69),
        (Tier.ORDINARY, 179, 27, 69),
        (Tier.ORDINARY, 180, 30, 70),
        (Tier.KEY, 179, 28, 70),
        (Tier.KEY, 180, 31, 72),
        (Tier.PROGRAMME, 179, 28, 71),
        (Tier.PROGRAMME, 180, 33, 74),
        (Tier.PROGRAMME, 3000, 33, 74),
    ],
)
def test_the_band_of_a_level_follows_the_clients_age_and_tier(tier, days, critical, healthy):
    own = {0: Threshold(Tier.PROGRAMME, 0, 71, 28), 180: Threshold(Tier.PROGRAMME, 180, 74, 33)}
    of_all = tuple(own[each.days] if each.tier is Tier.PROGRAMME else each for each in SHIPPED.thresholds)
    facts = replace(of_tier(tier), since=TODAY - timedelta(days=days), last_contact=(TODAY, 7))
    terms = replace(SHIPPED, early_days=0, thresholds=of_all)

    def band(wanted: int) -> Band:
        health = reckon(facts, replace(terms, start=terms.start + wanted - reckon(facts, terms).level))
        assert health.level == wanted
        return health.band

    order = (critical - 1, critical, healthy - 1, healthy)
    bands = [Band.CRITICAL, Band.AT_RISK, Band.AT_RISK, Band.HEALTHY]
    assert [band(each) for each in order] == bands


def test_contact_is_fresh_for_the_published_30_60_and_90_days():
    def freshness(days: int) -> int:
        found = reckon(replace(NOBODY, last_contact=(TODAY - timedelta(days=days), 7)), SHIPPED).findings
        return next(each.percent for each in found["relationship"] if each.rule == "freshness")

    assert [freshness(days) for days in (0, 29, 30, 59, 60, 89, 90)] == [20, 20, 10, 10, 0, 0, -20]


def test_a_complaint_at_a_visit_weighs_until_another_visit_ends_otherwise_or_for_a_quarter():
    def weighs(outcome: VisitOutcome, days: int = 0) -> int:
        return percents(replace(NOBODY, last_word=(TODAY - timedelta(days=days), 3, outcome)))["promises"]

    expected = {VisitOutcome.LEAVING: -50, VisitOutcome.COMPLAINED: -35}
    assert {outcome: weighs(outcome) for outcome in VisitOutcome} == dict.fromkeys(VisitOutcome, 0) | expected
    assert [weighs(VisitOutcome.LEAVING, days) for days in (89, 90)] == [-50, 0]


def test_an_attack_is_defended_in_person_or_lifts_nothing():
    raised, ended = TODAY - timedelta(days=9), TODAY - timedelta(days=2)
    attacked = replace(NOBODY, attacks=(Assault(1, Severity.HIGH, raised, ended, lost=False, defended=True),))

    def percent(visited: date | None) -> int:
        return percents(replace(attacked, last_visit=visited and (visited, 7)))["rivals"]

    assert [percent(day) for day in (None, raised - timedelta(days=1), raised)] == [0, 0, 30]


def test_what_is_missing_says_since_when_and_where_that_is_written():
    def told(facts: Facts) -> dict[str, tuple[date, Source]]:
        return {each.rule: (each.on, each.source) for each in reckon(facts, SHIPPED).findings["relationship"]}

    since, nothing = NOBODY.day - timedelta(days=LOOK_BACK), Source("nothing", NOBODY.client_id)
    assert told(NOBODY) == {"contacts": (since, nothing)}
    young = replace(NOBODY, since=TODAY - timedelta(days=50))
    assert told(young) == {"contacts": (young.since, nothing)}
    met, long_ago = TODAY - timedelta(days=100), TODAY - timedelta(days=120)
    stale = replace(NOBODY, last_contact=(met, 7), visit_norm=30, programme_since=TODAY - timedelta(days=60))
    entered = stale.programme_since
    expected = {"contacts": (met, Source("user", 7)), "freshness": (met, Source("user", 7))}
    assert told(stale) == expected | {"decider": (since, nothing), "visits": (entered, nothing)}
    decider = Touch(8, False, 3, DecisionRole.DECIDES, long_ago)
    assert told(replace(stale, threads=(decider,)))["decider"] == (long_ago, Source("contact", 3))
    left = Leaver(4, met, DecisionRole.DECIDES, False)
    assert told(replace(stale, threads=(decider,), leavers=(left,)))["decider"] == (met, Source("contact", 4))
    assert told(replace(stale, programme_since=TODAY - timedelta(days=999)))["visits"] == (since, nothing)


def test_a_silent_newcomer_is_alive_by_bg_nbd_and_too_early_to_judge_by_ours():
    """Why that model is not used for clients by contract. Its published check value stands for the formula: Fader,
    Hardie and Lee (2005), "Counting your customers the easy way", on CDNOW; times in weeks."""
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426

    def alive(again: int, last: float, watched: float) -> float:
        gone = a / (b + again - 1) * ((alpha + watched) / (alpha + last)) ** (r + again) if again else 0
        return 1 / (1 + gone)

    assert round(alive(2, 30.43, 38.86), 4) == 0.7266
    weeks = 38
    assert alive(0, 0, weeks) == 1, "without a second purchase, however long ago the first one was"
    since = TODAY - timedelta(weeks=weeks)
    bill = Bill(1, 1, True, since, since, 1_000_00, "RUB", since)
    silent = Facts(1, TODAY, since, 90, bills=(bill,), last_contact=(since, 1))
    assert reckon(silent, SHIPPED).band is Band.TOO_EARLY


def test_who_always_pays_late_is_judged_by_their_own_habit():
    def bills(late_before: int, late_now: int) -> tuple[Bill, ...]:
        dues = [TODAY - timedelta(days=30 * month + 20) for month in range(10)]
        return tuple(
            Bill(number, 1, True, due, due, 100, "RUB", due + timedelta(days=late_before if number > 2 else late_now))
            for number, due in enumerate(dues)
        )

    late_always, late_lately = replace(NOBODY, bills=bills(15, 15)), replace(NOBODY, bills=bills(0, 15))
    assert percents(late_always)["payments"] == 100
    assert percents(late_lately)["payments"] < 30


def test_a_model_by_which_one_part_decides_is_refused():
    SHIPPED.check(KEYS)
    assert Terms.of_json(SHIPPED.as_json()) == SHIPPED
    with pytest.raises(Refused, match="No part alone"):
        replace(SHIPPED, weights=SHIPPED.weights | {"payments": 21}).check(KEYS)
