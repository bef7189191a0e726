"""What the fields of a client, a contact and a product are called on the screen."""

from flask_babel import gettext as _

from webapp.domain.words import N_

FIELD_NAMES: dict[str, str] = {
    "address": N_("Address"),
    "amount_minor": N_("Sum with tax"),
    "attitude": N_("Attitude to us"),
    "billing": N_("Billing"),
    "birthday": N_("Birthday"),
    "city": N_("City"),
    "consent": N_("Basis for keeping the data"),
    "currency": N_("Currency"),
    "decision_role": N_("Part in the decision"),
    "description": N_("Description"),
    "email": N_("E-mail"),
    "employees": N_("Employees"),
    "family": N_("Family"),
    "family_id": N_("Family"),
    "founded": N_("Founded"),
    "indexation": N_("Grows each year by, %"),
    "influence": N_("Influence"),
    "inn": N_("ИНН"),
    "key": N_("Key client"),
    "kpp": N_("КПП"),
    "name": N_("Name"),
    "no_mailings": N_("No mailings"),
    "note": N_("Note"),
    "notice_days": N_("Notice, days"),
    "number": N_("Number of the paper"),
    "ogrn": N_("ОГРН"),
    "payment_day": N_("Paid by this day of the month"),
    "personal_note": N_("Personal note"),
    "phone": N_("Phone"),
    "position": N_("Position"),
    "price_minor": N_("Price"),
    "reports_to_id": N_("Reports to"),
    "retired_at": N_("Retired"),
    "revenue_currency": N_("Currency"),
    "revenue_minor": N_("Yearly revenue"),
    "sector": N_("Sector"),
    "starts_on": N_("First day"),
    "tax": N_("VAT inside the sum"),
    "unit": N_("Unit"),
    "website": N_("Website"),
}


def field_name(field: str) -> str:
    """The field's name in the reader's language; an unknown one as it is."""
    return _(FIELD_NAMES[field]) if field in FIELD_NAMES else field
