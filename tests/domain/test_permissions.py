"""The permission table, written out: each permission, each person of the cast, against the hunter's client."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.attacks import make_attack
from tests.cast import AT, Cast, stages
from tests.factories import (
    engagement_of,
    make_client,
    make_contact,
    make_contract,
    make_deal,
    make_engagement,
    make_letter,
    make_offer,
    make_promise,
    make_task,
)
from webapp.domain.permissions import allows, LABELS, Permission, TABLE
from webapp.domain.words import Department

OFFICE = {"director", "administrator"}
HEADS = {"head_of_sales", "head_of_client", "head_of_vip"}
MEMBERS = {"hunter", "other_hunter", "clerk", "other_clerk", "vip"}
WITH_CLIENTS = MEMBERS | HEADS | {"director"}
COLLECT = {"clerk", "other_clerk", "head_of_client"}
OURS = {"hunter", "head_of_sales", "director"}
"""Who answers for the hunter's client: the owner, the head of the owner's department, the director."""

EXPECTED: dict[Permission, set[str]] = {
    Permission.ATTACK_DEFEND: OURS,
    Permission.ATTACK_RAISE: WITH_CLIENTS,
    Permission.BATCH_RUN: HEADS | {"director"},
    Permission.BOARD_VIEW: WITH_CLIENTS,
    Permission.CLIENT_ADD: WITH_CLIENTS,
    Permission.CLIENT_EDIT: OURS,
    Permission.CLIENT_LOSE: OURS,
    Permission.CLIENT_REATTRIBUTE: {"director"},
    Permission.CLIENT_VIEW: WITH_CLIENTS,
    Permission.CLIENT_WIN_BACK: HEADS | {"director"},
    Permission.CLIENTS_EXPORT: HEADS | {"director"},
    Permission.COMMISSION_EDIT: {"director"},
    Permission.COMMISSION_REVIEW: HEADS | {"director"},
    Permission.COMMISSION_SEE: OURS,
    Permission.VISITS_SEE: OURS,
    Permission.WHITE_SPACE_EDIT: OURS,
    Permission.COMPETITOR_EDIT: HEADS | {"director"},
    Permission.CONTACT_DATA: {"head_of_sales", "director"},
    Permission.CONTACT_DETAILS: HEADS | {"hunter", "other_hunter", "director"},
    Permission.CONTACT_PERSONAL: OURS,
    Permission.CONTACT_REVEAL: WITH_CLIENTS,
    Permission.CONTRACT_EDIT: OURS | COLLECT,
    Permission.DEAL_EDIT: OURS,
    Permission.DISCOUNT_APPROVE: {"head_of_sales", "director"},
    Permission.ENGAGEMENT_MOVE: OURS,
    Permission.ENGAGEMENT_REASSIGN: {"head_of_sales", "director"},
    Permission.HANDOFF_ANSWER: {"clerk", "other_clerk", "head_of_client", "director"},
    Permission.HANDOFF_OFFER: OURS,
    Permission.HEADS_VIEW: HEADS | {"director"},
    Permission.HEALTH_ADOPT: {"director"},
    Permission.HEALTH_OVERRIDE: OURS,
    Permission.HELD_ROW_COMPLETE: HEADS | {"director"},
    Permission.IMPORT_RUN: {"director"},
    Permission.INTERACTION_ADD: WITH_CLIENTS,
    Permission.INVOICE_EDIT: COLLECT | {"director"},
    Permission.LAUNCH_RUN: HEADS | {"director"},
    Permission.LEAVER_PREPARE: {"head_of_sales", "director"},
    Permission.LETTER_DECIDE: OURS | COLLECT,
    Permission.LETTER_TEXT_EDIT: HEADS | OFFICE,
    Permission.PAYMENT_ENTER: COLLECT | {"director"},
    Permission.PLAN_SET: {"head_of_client", "director"},
    Permission.PRODUCT_EDIT: HEADS | {"director"},
    Permission.PROMISE_ADD: WITH_CLIENTS,
    Permission.PROMISE_CLOSE: OURS,
    Permission.PROPOSAL_EDIT: OURS,
    Permission.PROPOSAL_SHARE: OURS,
    Permission.PROPOSAL_VIEW: WITH_CLIENTS,
    Permission.QUEUE_LEVEL: {"head_of_client", "director"},
    Permission.QUEUE_VIEW: COLLECT | {"director"},
    Permission.QUEUE_WORK: {"head_of_client", "director"},
    Permission.ROLES_VIEW: HEADS | OFFICE,
    Permission.SETTINGS_EDIT: OFFICE,
    Permission.SCRIPT_EDIT: {"head_of_client", "director"},
    Permission.STAGE_EDIT: {"head_of_sales", "director"},
    Permission.STATEMENT_IMPORT: COLLECT | {"director"},
    Permission.TASK_ADD: WITH_CLIENTS,
    Permission.TASK_CLOSE: OURS,
    Permission.TEMPLATE_EDIT: HEADS | {"director"},
    Permission.USER_CHANGE: OFFICE,
    Permission.USERS_ADMINISTER: OFFICE,
    Permission.VIP_APPROVE: {"director"},
    Permission.VIP_DECIDE: {"head_of_sales", "head_of_vip", "director"},
    Permission.VIP_VIEW: HEADS | {"vip", "director"},
}


@pytest.fixture
def subjects(session: Session, cast: Cast) -> dict[Permission, Any]:
    """What each permission is asked of, where it is asked of something."""
    client = make_client(session, cast.hunter)
    deal, contact, engagement = make_deal(session, client), make_contact(session, client), engagement_of(client)
    offer = make_offer(session, client, Department.CLIENT)
    return {
        Permission.ATTACK_DEFEND: make_attack(session, client, cast),
        Permission.CLIENT_EDIT: client,
        Permission.WHITE_SPACE_EDIT: client,
        Permission.QUEUE_WORK: client,
        Permission.CLIENT_LOSE: client,
        Permission.CLIENT_REATTRIBUTE: client,
        Permission.CLIENT_VIEW: client,
        Permission.COMMISSION_SEE: cast.hunter,
        Permission.CONTACT_DATA: contact,
        Permission.VISITS_SEE: cast.hunter,
        Permission.CONTACT_DETAILS: (cast.company, contact),
        Permission.CONTACT_PERSONAL: contact,
        Permission.CONTACT_REVEAL: contact,
        Permission.CONTRACT_EDIT: make_contract(session, client),
        Permission.DEAL_EDIT: deal,
        Permission.ENGAGEMENT_MOVE: engagement,
        Permission.ENGAGEMENT_REASSIGN: engagement,
        Permission.HANDOFF_ANSWER: offer,
        Permission.HANDOFF_OFFER: offer,
        Permission.HEALTH_OVERRIDE: client,
        Permission.LAUNCH_RUN: HEADS | {"director"},
        Permission.LEAVER_PREPARE: cast.hunter,
        Permission.LETTER_DECIDE: make_letter(session, client),
        Permission.PROMISE_CLOSE: make_promise(session, client),
        Permission.DISCOUNT_APPROVE: deal,
        Permission.PROPOSAL_EDIT: deal,
        Permission.PROPOSAL_SHARE: deal,
        Permission.STAGE_EDIT: stages(session, Department.SALES)[0],
        Permission.TASK_CLOSE: make_task(session, client),
        Permission.USER_CHANGE: cast.hunter,
    }


def allowed(cast: Cast, permission: Permission, subject: Any) -> set[str]:
    return {part for part, actor in cast.actors.items() if allows(actor, permission, subject)}


@pytest.mark.parametrize("permission", Permission)
def test_the_table_allows_exactly_these(cast: Cast, subjects: dict[Permission, Any], permission: Permission) -> None:
    assert allowed(cast, permission, subjects.get(permission)) == EXPECTED[permission]


def test_every_permission_has_a_row_and_words() -> None:
    assert set(TABLE) == set(Permission) == set(LABELS)
    assert all(predicate.__doc__ for rows in TABLE.values() for row in rows for predicate in row)


def test_a_stranger_may_nothing(cast: Cast, subjects: dict[Permission, Any]) -> None:
    assert not any(allows(None, permission, subjects.get(permission)) for permission in Permission)


def test_an_administrator_sees_and_changes_no_client(cast: Cast, subjects: dict[Permission, Any]) -> None:
    mine = {
        permission
        for permission in Permission
        if allows(cast.administrator.actor, permission, subjects.get(permission))
    }
    assert mine == {
        Permission.LETTER_TEXT_EDIT,
        Permission.ROLES_VIEW,
        Permission.SETTINGS_EDIT,
        Permission.USER_CHANGE,
        Permission.USERS_ADMINISTER,
    }


def test_only_a_director_changes_a_director(cast: Cast) -> None:
    assert allowed(cast, Permission.USER_CHANGE, cast.director) == {"director"}


def test_everybody_in_a_department_sees_contacts_where_the_company_masks_none(
    cast: Cast, subjects: dict[Permission, Any]
) -> None:
    cast.company.mask_contacts = False
    seen = allowed(cast, Permission.CONTACT_DETAILS, subjects[Permission.CONTACT_DETAILS])
    assert seen == WITH_CLIENTS


def test_after_the_hand_off_the_receiver_answers_for_the_client(
    session: Session, cast: Cast, subjects: dict[Permission, Any]
) -> None:
    offer = subjects[Permission.HANDOFF_ANSWER]
    first = stages(session, Department.CLIENT)[0]
    offer.accept(session, cast.clerk, first, by=cast.clerk, at=AT, seen=offer.version)
    session.flush()
    session.expire_all()
    client = subjects[Permission.CLIENT_EDIT]
    assert allowed(cast, Permission.CLIENT_EDIT, client) == {"clerk", "head_of_client", "director"}
    assert "other_clerk" in allowed(cast, Permission.CONTACT_DETAILS, subjects[Permission.CONTACT_DETAILS])
    assert "hunter" not in allowed(cast, Permission.CONTACT_DETAILS, subjects[Permission.CONTACT_DETAILS])


def test_a_client_in_two_departments_is_changed_by_both_owners(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.clerk)
    make_engagement(session, client, cast.vip)
    may = allowed(cast, Permission.CLIENT_EDIT, client)
    assert may == {"clerk", "head_of_client", "vip", "head_of_vip", "director"}
