"""The one permission table: a permission, and rows of predicates. Any row grants; all predicates of a row must hold.

It drives the views' decorator, ``can()`` in templates, and the page that shows administrators who may do what.
"""

from collections.abc import Callable
from typing import Any

from webapp.domain.attack import Attack
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.invoice import Invoice
from webapp.domain.letter import Letter
from webapp.domain.permission import LABELS, Permission
from webapp.domain.promise import Promise
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.stage import Stage
from webapp.domain.task import Task
from webapp.domain.user import Actor, APPOINTS, User
from webapp.domain.words import Department, N_

Predicate = Callable[[Actor, Any], bool]


def says(sentence: str) -> Callable[[Predicate], Predicate]:
    """Give a predicate its words, which follow "who …" on the page of roles."""

    def named(predicate: Predicate) -> Predicate:
        predicate.__doc__ = sentence
        return predicate

    return named


@says(N_("is a director"))
def is_director(actor: Actor, subject: Any) -> bool:
    return actor.is_director


@says(N_("is an administrator"))
def is_administrator(actor: Actor, subject: Any) -> bool:
    return actor.is_administrator


@says(N_("is the head of a department"))
def is_head(actor: Actor, subject: Any) -> bool:
    return actor.is_head


@says(N_("works in a department or directs the company"))
def works_with_clients(actor: Actor, subject: Any) -> bool:
    return not actor.is_administrator


@says(N_("is the owner"))
def owns(actor: Actor, subject: Any) -> bool:
    if isinstance(subject, Client):
        return any(engagement.owner_id == actor.id for engagement in subject.open_engagements)
    if isinstance(subject, Contact | Contract | Invoice | Letter):
        return owns(actor, subject.client)
    if isinstance(subject, Deal):
        return subject.owner_id == actor.id or (subject.engagement is not None and owns(actor, subject.engagement))
    if isinstance(subject, Proposal):
        return owns(actor, subject.deal)
    if isinstance(subject, ProposalVersion):
        return owns(actor, subject.proposal.deal)
    if isinstance(subject, HandOff):
        return owns(actor, subject.engagement)
    if isinstance(subject, Attack):
        return subject.client.lost_at is None and subject.owner.id == actor.id
    if isinstance(subject, Engagement | Task | Promise):
        return bool(subject.owner_id == actor.id)
    raise TypeError(f"nobody owns a {type(subject).__name__}")


@says(N_("works in the department that answers for it"))
def in_its_department(actor: Actor, subject: Any) -> bool:
    if actor.department is None:
        return False
    if isinstance(subject, Stage | Engagement):
        return subject.department is actor.department
    if isinstance(subject, Client):
        return any(engagement.department is actor.department for engagement in subject.open_engagements)
    if isinstance(subject, Attack | Contact | Contract | Invoice | Letter | Promise):
        return in_its_department(actor, subject.client)
    if isinstance(subject, Task | HandOff):
        return in_its_department(actor, subject.engagement)
    if isinstance(subject, Deal):
        return in_its_department(actor, subject.engagement or subject.client)
    if isinstance(subject, Proposal):
        return in_its_department(actor, subject.deal)
    if isinstance(subject, ProposalVersion):
        return in_its_department(actor, subject.proposal.deal)
    raise TypeError(f"no department answers for a {type(subject).__name__}")


@says(N_("works in the Client department"))
def collects(actor: Actor, subject: Any) -> bool:
    return actor.department is Department.CLIENT


@says(N_("works in the VIP department"))
def visits(actor: Actor, subject: Any) -> bool:
    return actor.department is Department.VIP


@says(N_("is the head of the VIP department or of Sales"))
def reviews(actor: Actor, subject: Any) -> bool:
    return actor.is_head and actor.department in (Department.VIP, Department.SALES)


@says(N_("works in that person's department"))
def leads(actor: Actor, subject: User) -> bool:
    return actor.department is not None and actor.department is subject.department


@says(N_("works in the receiving department"))
def receives(actor: Actor, subject: HandOff) -> bool:
    return actor.department is subject.receiver


@says(N_("the company does not mask contacts"))
def contacts_are_open(actor: Actor, subject: tuple[Company, Contact | Client]) -> bool:
    return not subject[0].mask_contacts


@says(N_("works in the department that answers for the client"))
def contact_is_ours(actor: Actor, subject: tuple[Company, Contact | Client]) -> bool:
    return in_its_department(actor, subject[1])


@says(N_("is that person, outside the administration"))
def is_the_one(actor: Actor, subject: User) -> bool:
    return actor.id == subject.id and not actor.is_administrator


@says(N_("is the head of that person's department"))
def heads_them(actor: Actor, subject: User) -> bool:
    return actor.is_head and actor.department is not None and actor.department is subject.department


@says(N_("may appoint people of that role (directors everybody, administrators all but directors)"))
def appoints_such(actor: Actor, subject: User) -> bool:
    return subject.role in APPOINTS.get(actor.role, frozenset())


__all__ = ["LABELS", "TABLE", "Permission", "allows", "says"]

ANYONE_WITH_CLIENTS: tuple[tuple[Predicate, ...], ...] = ((works_with_clients,),)
HEADS_AND_DIRECTOR: tuple[tuple[Predicate, ...], ...] = ((is_head,), (is_director,))
OWNER_ITS_HEAD_DIRECTOR: tuple[tuple[Predicate, ...], ...] = ((owns,), (is_head, in_its_department), (is_director,))
COLLECTORS_AND_DIRECTOR: tuple[tuple[Predicate, ...], ...] = ((collects,), (is_director,))
ITS_HEAD_OR_DIRECTOR: tuple[tuple[Predicate, ...], ...] = ((is_head, collects), (is_director,))
OFFICE: tuple[tuple[Predicate, ...], ...] = ((is_administrator,), (is_director,))

TABLE: dict[Permission, tuple[tuple[Predicate, ...], ...]] = {
    Permission.ATTACK_DEFEND: OWNER_ITS_HEAD_DIRECTOR,
    Permission.ATTACK_RAISE: ANYONE_WITH_CLIENTS,
    Permission.BATCH_RUN: HEADS_AND_DIRECTOR,
    Permission.BOARD_VIEW: ANYONE_WITH_CLIENTS,
    Permission.CLIENT_ADD: ANYONE_WITH_CLIENTS,
    Permission.CLIENT_EDIT: OWNER_ITS_HEAD_DIRECTOR,
    Permission.CLIENT_LOSE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.CLIENT_REATTRIBUTE: ((is_director,),),
    Permission.CLIENT_VIEW: ANYONE_WITH_CLIENTS,
    Permission.CLIENT_WIN_BACK: HEADS_AND_DIRECTOR,
    Permission.CLIENTS_EXPORT: HEADS_AND_DIRECTOR,
    Permission.COMMISSION_EDIT: ((is_director,),),
    Permission.COMMISSION_REVIEW: HEADS_AND_DIRECTOR,
    Permission.COMMISSION_SEE: ((is_the_one,), (heads_them,), (is_director,)),
    Permission.COMPETITOR_EDIT: HEADS_AND_DIRECTOR,
    Permission.CONTACT_DATA: ((is_head, in_its_department), (is_director,)),
    Permission.CONTACT_DETAILS: (
        (works_with_clients, contacts_are_open),
        (contact_is_ours,),
        (is_head,),
        (is_director,),
    ),
    Permission.CONTACT_PERSONAL: OWNER_ITS_HEAD_DIRECTOR,
    Permission.CONTACT_REVEAL: ANYONE_WITH_CLIENTS,
    Permission.CONTRACT_EDIT: (*OWNER_ITS_HEAD_DIRECTOR, (collects,)),
    Permission.DEAL_EDIT: OWNER_ITS_HEAD_DIRECTOR,
    Permission.DISCOUNT_APPROVE: ((is_head, in_its_department), (is_director,)),
    Permission.ENGAGEMENT_MOVE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.ENGAGEMENT_REASSIGN: ((is_head, in_its_department), (is_director,)),
    Permission.HANDOFF_ANSWER: ((receives,), (is_director,)),
    Permission.HANDOFF_OFFER: OWNER_ITS_HEAD_DIRECTOR,
    Permission.HEADS_VIEW: HEADS_AND_DIRECTOR,
    Permission.HEALTH_ADOPT: ((is_director,),),
    Permission.HEALTH_OVERRIDE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.HELD_ROW_COMPLETE: HEADS_AND_DIRECTOR,
    Permission.IMPORT_RUN: ((is_director,),),
    Permission.INTERACTION_ADD: ANYONE_WITH_CLIENTS,
    Permission.INVOICE_EDIT: COLLECTORS_AND_DIRECTOR,
    Permission.LAUNCH_RUN: HEADS_AND_DIRECTOR,
    Permission.LEAVER_PREPARE: ((is_head, leads), (is_director,)),
    Permission.LETTER_DECIDE: (*OWNER_ITS_HEAD_DIRECTOR, (collects,)),
    Permission.LETTER_TEXT_EDIT: (*HEADS_AND_DIRECTOR, (is_administrator,)),
    Permission.PAYMENT_ENTER: COLLECTORS_AND_DIRECTOR,
    Permission.PLAN_SET: ITS_HEAD_OR_DIRECTOR,
    Permission.PRODUCT_EDIT: HEADS_AND_DIRECTOR,
    Permission.PROMISE_ADD: ANYONE_WITH_CLIENTS,
    Permission.PROMISE_CLOSE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.PROPOSAL_EDIT: OWNER_ITS_HEAD_DIRECTOR,
    Permission.PROPOSAL_SHARE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.PROPOSAL_VIEW: ANYONE_WITH_CLIENTS,
    Permission.QUEUE_LEVEL: ITS_HEAD_OR_DIRECTOR,
    Permission.QUEUE_VIEW: COLLECTORS_AND_DIRECTOR,
    Permission.QUEUE_WORK: ((collects, owns), *ITS_HEAD_OR_DIRECTOR),
    Permission.ROLES_VIEW: ((is_administrator,), (is_director,), (is_head,)),
    Permission.SCRIPT_EDIT: ITS_HEAD_OR_DIRECTOR,
    Permission.SETTINGS_EDIT: OFFICE,
    Permission.STAGE_EDIT: ((is_head, in_its_department), (is_director,)),
    Permission.STATEMENT_IMPORT: COLLECTORS_AND_DIRECTOR,
    Permission.TASK_ADD: ANYONE_WITH_CLIENTS,
    Permission.TASK_CLOSE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.TEMPLATE_EDIT: HEADS_AND_DIRECTOR,
    Permission.USER_CHANGE: ((appoints_such,),),
    Permission.USERS_ADMINISTER: OFFICE,
    Permission.VIP_APPROVE: ((is_director,),),
    Permission.VIP_DECIDE: ((reviews,), (is_director,)),
    Permission.VIP_VIEW: ((visits,), (is_head,), (is_director,)),
    Permission.VISITS_SEE: ((is_the_one,), (heads_them,), (is_director,)),
    Permission.WHITE_SPACE_EDIT: OWNER_ITS_HEAD_DIRECTOR,
}


def allows(actor: Actor | None, permission: Permission, subject: Any = None) -> bool:
    """Whether the actor may do this to the subject. Nobody may do anything without logging in."""
    return actor is not None and any(all(predicate(actor, subject) for predicate in row) for row in TABLE[permission])
