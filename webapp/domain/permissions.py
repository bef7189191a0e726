"""The one permission table: a permission, and rows of predicates. Any row grants; all predicates of a row must hold.

It drives the views' decorator, ``can()`` in templates, and the page that shows administrators who may do what.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.deal import Deal
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.promise import Promise
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.stage import Stage
from webapp.domain.task import Task
from webapp.domain.user import Actor, APPOINTS, User
from webapp.domain.words import N_

Predicate = Callable[[Actor, Any], bool]


def says(sentence: str) -> Callable[[Predicate], Predicate]:
    """Give a predicate its words, which follow "who …" on the page of roles."""

    def named(predicate: Predicate) -> Predicate:
        predicate.__doc__ = sentence
        return predicate

    return named


class Permission(StrEnum):
    """Everything a person may or may not do. The label says it in the trade's words."""

    BOARD_VIEW = "board.view"
    CLIENT_ADD = "client.add"
    CLIENT_EDIT = "client.edit"
    CLIENT_REATTRIBUTE = "client.reattribute"
    CLIENT_VIEW = "client.view"
    CLIENTS_EXPORT = "clients.export"
    CONTACT_DETAILS = "contact.details"
    CONTACT_REVEAL = "contact.reveal"
    DEAL_EDIT = "deal.edit"
    ENGAGEMENT_MOVE = "engagement.move"
    ENGAGEMENT_REASSIGN = "engagement.reassign"
    HANDOFF_ANSWER = "handoff.answer"
    HANDOFF_OFFER = "handoff.offer"
    HEADS_VIEW = "heads.view"
    HELD_ROW_COMPLETE = "held_row.complete"
    IMPORT_RUN = "import.run"
    INTERACTION_ADD = "interaction.add"
    PRODUCT_EDIT = "product.edit"
    PROMISE_ADD = "promise.add"
    PROMISE_CLOSE = "promise.close"
    PROPOSAL_EDIT = "proposal.edit"
    PROPOSAL_VIEW = "proposal.view"
    ROLES_VIEW = "roles.view"
    SETTINGS_EDIT = "settings.edit"
    STAGE_EDIT = "stage.edit"
    TASK_ADD = "task.add"
    TASK_CLOSE = "task.close"
    USER_CHANGE = "user.change"
    USERS_ADMINISTER = "users.administer"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS: dict[Permission, str] = {
    Permission.BOARD_VIEW: N_("See the board"),
    Permission.CLIENT_ADD: N_("Add a client"),
    Permission.CLIENT_EDIT: N_("Change a client and its contacts"),
    Permission.CLIENT_REATTRIBUTE: N_("Change who attracted a client"),
    Permission.CLIENT_VIEW: N_("Read a client and its timeline"),
    Permission.CLIENTS_EXPORT: N_("Export clients"),
    Permission.CONTACT_DETAILS: N_("See phones and e-mails of contacts"),
    Permission.CONTACT_REVEAL: N_("Reveal masked phones and e-mails; each time is recorded"),
    Permission.DEAL_EDIT: N_("Add, change and close deals"),
    Permission.ENGAGEMENT_MOVE: N_("Move a client through the stages"),
    Permission.ENGAGEMENT_REASSIGN: N_("Give a client to another owner"),
    Permission.HANDOFF_ANSWER: N_("Accept or return an offered client"),
    Permission.HANDOFF_OFFER: N_("Draft, offer and withdraw a hand-off"),
    Permission.HEADS_VIEW: N_("See the heads' page"),
    Permission.HELD_ROW_COMPLETE: N_("Complete held-back rows of an import"),
    Permission.IMPORT_RUN: N_("Import and undo an import"),
    Permission.INTERACTION_ADD: N_("Record an interaction"),
    Permission.PRODUCT_EDIT: N_("Change the catalogue"),
    Permission.PROMISE_ADD: N_("Record a promise"),
    Permission.PROMISE_CLOSE: N_("Say that a promise was kept or not"),
    Permission.PROPOSAL_EDIT: N_("Draft and send proposals"),
    Permission.PROPOSAL_VIEW: N_("Read and download proposals"),
    Permission.ROLES_VIEW: N_("See who may do what"),
    Permission.SETTINGS_EDIT: N_("Change the company's settings"),
    Permission.STAGE_EDIT: N_("Configure a lane's stages"),
    Permission.TASK_ADD: N_("Plan a task"),
    Permission.TASK_CLOSE: N_("Finish, postpone or cancel a task"),
    Permission.USER_CHANGE: N_("Change a user, give them a password link, hand over their work, deactivate them"),
    Permission.USERS_ADMINISTER: N_("See and invite users"),
}


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
    if isinstance(subject, Contact):
        return owns(actor, subject.client)
    if isinstance(subject, Deal):
        return subject.owner_id == actor.id or (subject.engagement is not None and owns(actor, subject.engagement))
    if isinstance(subject, Proposal):
        return owns(actor, subject.deal)
    if isinstance(subject, ProposalVersion):
        return owns(actor, subject.proposal.deal)
    if isinstance(subject, HandOff):
        return owns(actor, subject.engagement)
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
    if isinstance(subject, Contact | Promise):
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


@says(N_("works in the receiving department"))
def receives(actor: Actor, subject: HandOff) -> bool:
    return actor.department is subject.receiver


@says(N_("the company does not mask contacts"))
def contacts_are_open(actor: Actor, subject: tuple[Company, Contact]) -> bool:
    return not subject[0].mask_contacts


@says(N_("works in the department that answers for the client"))
def contact_is_ours(actor: Actor, subject: tuple[Company, Contact]) -> bool:
    return in_its_department(actor, subject[1])


@says(N_("may appoint people of that role (directors everybody, administrators all but directors)"))
def appoints_such(actor: Actor, subject: User) -> bool:
    return subject.role in APPOINTS.get(actor.role, frozenset())


ANYONE_WITH_CLIENTS: tuple[tuple[Predicate, ...], ...] = ((works_with_clients,),)
HEADS_AND_DIRECTOR: tuple[tuple[Predicate, ...], ...] = ((is_head,), (is_director,))
OWNER_ITS_HEAD_DIRECTOR: tuple[tuple[Predicate, ...], ...] = ((owns,), (is_head, in_its_department), (is_director,))
OFFICE: tuple[tuple[Predicate, ...], ...] = ((is_administrator,), (is_director,))

TABLE: dict[Permission, tuple[tuple[Predicate, ...], ...]] = {
    Permission.BOARD_VIEW: ANYONE_WITH_CLIENTS,
    Permission.CLIENT_ADD: ANYONE_WITH_CLIENTS,
    Permission.CLIENT_EDIT: OWNER_ITS_HEAD_DIRECTOR,
    Permission.CLIENT_REATTRIBUTE: ((is_director,),),
    Permission.CLIENT_VIEW: ANYONE_WITH_CLIENTS,
    Permission.CLIENTS_EXPORT: HEADS_AND_DIRECTOR,
    Permission.CONTACT_DETAILS: (
        (works_with_clients, contacts_are_open),
        (contact_is_ours,),
        (is_head,),
        (is_director,),
    ),
    Permission.CONTACT_REVEAL: ANYONE_WITH_CLIENTS,
    Permission.DEAL_EDIT: OWNER_ITS_HEAD_DIRECTOR,
    Permission.ENGAGEMENT_MOVE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.ENGAGEMENT_REASSIGN: ((is_head, in_its_department), (is_director,)),
    Permission.HANDOFF_ANSWER: ((receives,), (is_director,)),
    Permission.HANDOFF_OFFER: OWNER_ITS_HEAD_DIRECTOR,
    Permission.HEADS_VIEW: HEADS_AND_DIRECTOR,
    Permission.HELD_ROW_COMPLETE: HEADS_AND_DIRECTOR,
    Permission.IMPORT_RUN: ((is_director,),),
    Permission.INTERACTION_ADD: ANYONE_WITH_CLIENTS,
    Permission.PRODUCT_EDIT: HEADS_AND_DIRECTOR,
    Permission.PROMISE_ADD: ANYONE_WITH_CLIENTS,
    Permission.PROMISE_CLOSE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.PROPOSAL_EDIT: OWNER_ITS_HEAD_DIRECTOR,
    Permission.PROPOSAL_VIEW: ANYONE_WITH_CLIENTS,
    Permission.ROLES_VIEW: ((is_administrator,), (is_director,), (is_head,)),
    Permission.SETTINGS_EDIT: OFFICE,
    Permission.STAGE_EDIT: ((is_head, in_its_department), (is_director,)),
    Permission.TASK_ADD: ANYONE_WITH_CLIENTS,
    Permission.TASK_CLOSE: OWNER_ITS_HEAD_DIRECTOR,
    Permission.USER_CHANGE: ((appoints_such,),),
    Permission.USERS_ADMINISTER: OFFICE,
}


def allows(actor: Actor | None, permission: Permission, subject: Any = None) -> bool:
    """Whether the actor may do this to the subject. Nobody may do anything without logging in."""
    return actor is not None and any(all(predicate(actor, subject) for predicate in row) for row in TABLE[permission])
