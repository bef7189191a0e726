"""Everything a person may or may not do; the table in ``permissions`` says who."""

from enum import StrEnum

from webapp.domain.words import N_


class Permission(StrEnum):
    """Everything a person may or may not do. The label says it in the trade's words."""

    ATTACK_DEFEND = "attack.defend"
    ATTACK_RAISE = "attack.raise"
    BATCH_RUN = "batch.run"
    BOARD_VIEW = "board.view"
    CLIENT_ADD = "client.add"
    CLIENT_EDIT = "client.edit"
    CLIENT_LOSE = "client.lose"
    CLIENT_REATTRIBUTE = "client.reattribute"
    CLIENT_VIEW = "client.view"
    CLIENT_WIN_BACK = "client.win_back"
    CLIENTS_EXPORT = "clients.export"
    COMMISSION_EDIT = "commission.edit"
    COMMISSION_REVIEW = "commission.review"
    COMMISSION_SEE = "commission.see"
    COMPETITOR_EDIT = "competitor.edit"
    CONTACT_DATA = "contact.data"
    CONTACT_DETAILS = "contact.details"
    CONTACT_PERSONAL = "contact.personal"
    CONTACT_REVEAL = "contact.reveal"
    CONTRACT_EDIT = "contract.edit"
    DEAL_EDIT = "deal.edit"
    DISCOUNT_APPROVE = "discount.approve"
    ENGAGEMENT_MOVE = "engagement.move"
    ENGAGEMENT_REASSIGN = "engagement.reassign"
    HANDOFF_ANSWER = "handoff.answer"
    HANDOFF_OFFER = "handoff.offer"
    HEADS_VIEW = "heads.view"
    HEALTH_ADOPT = "health.adopt"
    HEALTH_OVERRIDE = "health.override"
    HELD_ROW_COMPLETE = "held_row.complete"
    IMPORT_RUN = "import.run"
    INTERACTION_ADD = "interaction.add"
    INVOICE_EDIT = "invoice.edit"
    LAUNCH_RUN = "launch.run"
    LEAVER_PREPARE = "leaver.prepare"
    LETTER_DECIDE = "letter.decide"
    LETTER_TEXT_EDIT = "letter_text.edit"
    PAYMENT_ENTER = "payment.enter"
    PLAN_SET = "plan.set"
    PRODUCT_EDIT = "product.edit"
    PROMISE_ADD = "promise.add"
    PROMISE_CLOSE = "promise.close"
    PROPOSAL_EDIT = "proposal.edit"
    PROPOSAL_SHARE = "proposal.share"
    PROPOSAL_VIEW = "proposal.view"
    QUEUE_LEVEL = "queue.level"
    QUEUE_VIEW = "queue.view"
    QUEUE_WORK = "queue.work"
    ROLES_VIEW = "roles.view"
    SCRIPT_EDIT = "script.edit"
    SETTINGS_EDIT = "settings.edit"
    STAGE_EDIT = "stage.edit"
    STATEMENT_IMPORT = "statement.import"
    TASK_ADD = "task.add"
    TASK_CLOSE = "task.close"
    TEMPLATE_EDIT = "template.edit"
    USER_CHANGE = "user.change"
    USERS_ADMINISTER = "users.administer"
    VIP_APPROVE = "vip.approve"
    VIP_DECIDE = "vip.decide"
    VIP_VIEW = "vip.view"
    VISITS_SEE = "visits.see"
    WHITE_SPACE_EDIT = "white_space.edit"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS: dict[Permission, str] = {
    Permission.ATTACK_DEFEND: N_("Take up an attack and say how it ended"),
    Permission.ATTACK_RAISE: N_("Raise the alarm that a competitor is after a client"),
    Permission.BATCH_RUN: N_("Make proposals for many clients at once"),
    Permission.BOARD_VIEW: N_("See the board"),
    Permission.CLIENT_ADD: N_("Add a client"),
    Permission.CLIENT_EDIT: N_("Change a client and its contacts"),
    Permission.CLIENT_LOSE: N_("Record that a client is lost"),
    Permission.CLIENT_REATTRIBUTE: N_("Change who attracted a client"),
    Permission.CLIENT_VIEW: N_("Read a client and its timeline"),
    Permission.CLIENT_WIN_BACK: N_("Take a lost client back"),
    Permission.CLIENTS_EXPORT: N_("Export clients"),
    Permission.COMMISSION_EDIT: N_("Set commission rules and close months"),
    Permission.COMMISSION_REVIEW: N_("See commission rules and the months"),
    Permission.COMMISSION_SEE: N_("See what a person earns by commission"),
    Permission.COMPETITOR_EDIT: N_("Change the registry of competitors"),
    Permission.CONTACT_DATA: N_("Hand a person what we know of them, and erase it on request"),
    Permission.CONTACT_DETAILS: N_("See phones and e-mails of contacts"),
    Permission.CONTACT_PERSONAL: N_("See and change birthdays and personal notes of contacts"),
    Permission.CONTACT_REVEAL: N_("Reveal masked phones and e-mails; each time is recorded"),
    Permission.CONTRACT_EDIT: N_("Conclude, change and end contracts"),
    Permission.DEAL_EDIT: N_("Add, change and close deals"),
    Permission.DISCOUNT_APPROVE: N_("Approve or refuse a discount above the limit"),
    Permission.ENGAGEMENT_MOVE: N_("Move a client through the stages"),
    Permission.ENGAGEMENT_REASSIGN: N_("Give a client to another owner"),
    Permission.HANDOFF_ANSWER: N_("Accept or return an offered client"),
    Permission.HANDOFF_OFFER: N_("Draft, offer and withdraw a hand-off"),
    Permission.HEADS_VIEW: N_("See the heads' page"),
    Permission.HEALTH_ADOPT: N_("Adopt a version of the health model"),
    Permission.HEALTH_OVERRIDE: N_("Say that a client's health is another, for a while"),
    Permission.HELD_ROW_COMPLETE: N_("Complete held-back rows of an import"),
    Permission.IMPORT_RUN: N_("Import and undo an import"),
    Permission.INTERACTION_ADD: N_("Record an interaction"),
    Permission.INVOICE_EDIT: N_("Credit, dispute and send invoices"),
    Permission.LAUNCH_RUN: N_("Prepare, start and end launches of new products"),
    Permission.LEAVER_PREPARE: N_("See which clients hang on one person, and pass them on"),
    Permission.LETTER_DECIDE: N_("Send a letter again, stop it, say that it arrived or came back"),
    Permission.LETTER_TEXT_EDIT: N_("Change the words of letters"),
    Permission.PAYMENT_ENTER: N_("Enter payments, match them with invoices, take them back"),
    Permission.PLAN_SET: N_("Set the plan of collecting"),
    Permission.PRODUCT_EDIT: N_("Change the catalogue"),
    Permission.PROMISE_ADD: N_("Record a promise"),
    Permission.PROMISE_CLOSE: N_("Say that a promise was kept or not"),
    Permission.PROPOSAL_EDIT: N_("Draft and send proposals"),
    Permission.PROPOSAL_SHARE: N_("Make and revoke links by which clients answer proposals"),
    Permission.PROPOSAL_VIEW: N_("Read and download proposals"),
    Permission.QUEUE_LEVEL: N_("Spread clients over the clerks, and set absences"),
    Permission.QUEUE_VIEW: N_("See the queue and the plan of collecting"),
    Permission.QUEUE_WORK: N_("Work a client's item of the queue"),
    Permission.ROLES_VIEW: N_("See who may do what"),
    Permission.SCRIPT_EDIT: N_("Change what clerks say on the phone"),
    Permission.SETTINGS_EDIT: N_("Change the company's settings"),
    Permission.STAGE_EDIT: N_("Configure a lane's stages"),
    Permission.STATEMENT_IMPORT: N_("Import bank statements and undo it"),
    Permission.TASK_ADD: N_("Plan a task"),
    Permission.TASK_CLOSE: N_("Finish, postpone or cancel a task"),
    Permission.TEMPLATE_EDIT: N_("Change the look and the words of proposals"),
    Permission.USER_CHANGE: N_("Change a user, give them a password link, hand over their work, deactivate them"),
    Permission.USERS_ADMINISTER: N_("See and invite users"),
    Permission.VIP_APPROVE: N_("Approve the VIP list of a quarter"),
    Permission.VIP_DECIDE: N_("Open a review of the VIP list and decide in it"),
    Permission.VIP_VIEW: N_("See the VIP list and its reviews"),
    Permission.VISITS_SEE: N_("See and plan a person's week of visits"),
    Permission.WHITE_SPACE_EDIT: N_("Say what does not suit a client, and what it buys at a competitor's"),
}
