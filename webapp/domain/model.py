"""Every entity in one import, so that the metadata and the relationships between modules are complete."""

from webapp.domain.absence import Absence
from webapp.domain.access_link import AccessLink
from webapp.domain.allocation import Allocation, PaymentReturn
from webapp.domain.attack import Attack, Signal
from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.collection_month import CollectionMonth
from webapp.domain.collection_plan import CollectionPlan
from webapp.domain.commission import AttractionPeriod, CommissionEntry, CommissionMonth, CommissionReading
from webapp.domain.commission_rule import CommissionRule, CommissionVersion
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.coverage import BlindSpot
from webapp.domain.deal import Deal, DealLine
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.handoff import HandOff
from webapp.domain.held_row import HeldRow
from webapp.domain.importing import Import, ImportedRecord, ImportFile
from webapp.domain.interaction import Interaction
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.letter import Letter, LetterAttachment
from webapp.domain.letter_text import LetterText
from webapp.domain.operation import Operation
from webapp.domain.payer import Payer
from webapp.domain.payment import Payment
from webapp.domain.product import Product
from webapp.domain.promise import Promise
from webapp.domain.promise_to_pay import PromiseToPay
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.queue_item import QueueItem
from webapp.domain.stage import Stage
from webapp.domain.statement import Statement
from webapp.domain.submission import Submission
from webapp.domain.task import Task
from webapp.domain.thread import Thread
from webapp.domain.user import User

__all__ = [
    "Absence",
    "AccessLink",
    "Allocation",
    "Attack",
    "AttractionPeriod",
    "Base",
    "BlindSpot",
    "Client",
    "CollectionMonth",
    "CollectionPlan",
    "CommissionEntry",
    "CommissionMonth",
    "CommissionReading",
    "CommissionRule",
    "CommissionVersion",
    "Company",
    "Competitor",
    "Contact",
    "Contract",
    "CreditNote",
    "Deal",
    "DealLine",
    "Engagement",
    "Event",
    "HandOff",
    "HeldRow",
    "Import",
    "ImportFile",
    "ImportedRecord",
    "Interaction",
    "Invoice",
    "Letter",
    "LetterAttachment",
    "LetterText",
    "Operation",
    "Payer",
    "Payment",
    "PaymentReturn",
    "Product",
    "Promise",
    "PromiseToPay",
    "Proposal",
    "ProposalVersion",
    "QueueItem",
    "Signal",
    "Stage",
    "Statement",
    "StoredFile",
    "Submission",
    "Task",
    "Thread",
    "User",
]
