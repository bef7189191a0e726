"""The code that a bank's application reads: ГОСТ Р 56042-2014, version 0001, UTF-8 (``ST00012``)."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import segno
from markupsafe import Markup

LONGEST = {"Name": 160, "PersonalAcc": 20, "BankName": 45, "BIC": 9, "CorrespAcc": 20, "Purpose": 210}
"""Characters of each required field (table 2) and of the purpose."""


def payment_text(content: Mapping[str, Any], purpose: str) -> str | None:
    """The code's text for an invoice; None where it is not in roubles, or a required requisite is missing."""
    ours = content["from"]
    values = {
        "Name": ours["legal_name"] or ours["name"],
        "PersonalAcc": ours["bank_account"],
        "BankName": ours["bank_name"],
        "BIC": ours["bank_bic"],
        "CorrespAcc": ours["correspondent_account"] or "0",
        "PayeeINN": ours["inn"],
        "KPP": ours["kpp"],
        "Sum": str(content["total_minor"]),
        "Purpose": purpose,
    }
    if content["currency"] != "RUB" or not all(values[name] for name in LONGEST):
        return None
    fields = (f"{name}={_fit(value, LONGEST.get(name, 20))}" for name, value in values.items() if value)
    return "|".join(("ST00012", *fields))


def payment_code(content: Mapping[str, Any], purpose: str) -> Markup | None:
    """The code as a picture inside the page."""
    text = payment_text(content, purpose)
    if text is None:
        return None
    picture = BytesIO()
    code = segno.make_qr(text, error="m", encoding="utf-8", boost_error=False)
    code.save(picture, kind="svg", border=4, xmldecl=False, svgns=True, svgclass="code", lineclass=None, omitsize=True)
    return Markup(picture.getvalue().decode())  # noqa: S704 - shapes only


def _fit(value: str, longest: int) -> str:
    """The separator stands for nothing else, a longer value is cut, and no bank stumbles over a currency's sign."""
    return " ".join(value.replace("|", "/").replace("₽", "руб.").split())[:longest]
