"""Every entity in one import, so that the metadata and the relationships between modules are complete."""

from webapp.domain.absence import Absence
from webapp.domain.access_link import AccessLink
from webapp.domain.allocation import Allocation, PaymentReturn
from webapp.domain.attack import Attack, Signal
from webapp.domain.awareness import Awareness
from webapp.domain.base import Base
from webapp.domain.calendar_feed import CalendarFeed
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
from webapp.domain.credit_note_file import CreditNoteFile
from webapp.domain.deal import Deal, DealLine
from webapp.domain.deal_forecast import DealForecast
from webapp.domain.discount import DiscountApproval
from webapp.domain.engagement import Engagement
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.handoff import HandOff
from webapp.domain.health_kept import HealthDay, HealthOverride, KeptHealth
from webapp.domain.health_model import HealthModel
from webapp.domain.held_row import HeldRow
from webapp.domain.importing import Import, ImportedRecord, ImportFile
from webapp.domain.interaction import Interaction
from webapp.domain.invoice import CreditNote, Invoice
from webapp.domain.launch import Launch, LaunchChannel
from webapp.domain.launch_figures import LaunchFigures
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.letter import Letter, LetterAttachment
from webapp.domain.letter_text import LetterText
from webapp.domain.loss import Loss
from webapp.domain.mailing_link import MailingLink
from webapp.domain.operation import Operation
from webapp.domain.payer import Payer
from webapp.domain.payment import Payment
from webapp.domain.price_list import PriceEntry, PriceList
from webapp.domain.product import BundlePart, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.product_file import ProductFile
from webapp.domain.promise import Promise
from webapp.domain.promise_to_pay import PromiseToPay
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AcceptanceRecord, ProposalAnswer
from webapp.domain.proposal_batch import BatchItem, ProposalBatch
from webapp.domain.proposal_template import ProposalTemplate
from webapp.domain.queue_item import QueueItem
from webapp.domain.reminder import Reminder
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.rival_thread import RivalThread
from webapp.domain.share_link import ShareLink
from webapp.domain.sold_part import SoldPart
from webapp.domain.stage import Stage
from webapp.domain.stage_outcome import StageOutcome
from webapp.domain.statement import Statement
from webapp.domain.study import Study
from webapp.domain.submission import Submission
from webapp.domain.task import Task
from webapp.domain.template_preview import TemplatePreview
from webapp.domain.thread import Thread
from webapp.domain.user import User
from webapp.domain.vip_line import VipLine, VipSum
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import VipReview
from webapp.domain.vip_tier import VipTier
from webapp.domain.visit import Visit
from webapp.domain.visit_contact import VisitContact
from webapp.domain.wanted_letter import WantedLetter
from webapp.domain.white_space import WhiteSpace

__all__ = [
    "Absence",
    "AcceptanceRecord",
    "AccessLink",
    "Allocation",
    "Attack",
    "AttractionPeriod",
    "Awareness",
    "Base",
    "BatchItem",
    "BlindSpot",
    "BundlePart",
    "CalendarFeed",
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
    "CreditNoteFile",
    "Deal",
    "DealForecast",
    "DealLine",
    "DiscountApproval",
    "Engagement",
    "Event",
    "HandOff",
    "HealthDay",
    "HealthModel",
    "HealthOverride",
    "HeldRow",
    "Import",
    "ImportFile",
    "ImportedRecord",
    "Interaction",
    "Invoice",
    "KeptHealth",
    "Launch",
    "LaunchChannel",
    "LaunchClient",
    "LaunchFigures",
    "LaunchTouch",
    "Letter",
    "LetterAttachment",
    "LetterText",
    "Loss",
    "MailingLink",
    "Operation",
    "Payer",
    "Payment",
    "PaymentReturn",
    "PriceEntry",
    "PriceList",
    "Product",
    "ProductFamily",
    "ProductFile",
    "Promise",
    "PromiseToPay",
    "Proposal",
    "ProposalAnswer",
    "ProposalBatch",
    "ProposalTemplate",
    "ProposalVersion",
    "QueueItem",
    "Reminder",
    "RivalSupply",
    "RivalThread",
    "ShareLink",
    "Signal",
    "SoldPart",
    "Stage",
    "StageOutcome",
    "Statement",
    "StoredFile",
    "Study",
    "Submission",
    "Task",
    "TemplatePreview",
    "Thread",
    "User",
    "VipLine",
    "VipPlace",
    "VipReview",
    "VipSum",
    "VipTier",
    "Visit",
    "VisitContact",
    "WantedLetter",
    "WhiteSpace",
]
