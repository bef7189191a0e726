"""Russian requisites whose check digits no library of ours knows: КПП, БИК, bank accounts.

Taxpayer (ИНН) and registration (ОГРН) numbers are checked where they are typed, by python-stdnum.
"""

import re

from webapp.domain.errors import Refused
from webapp.domain.words import N_

KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
"""Office, reason, number: there is no check digit."""
BIC = re.compile(r"04[0-9]{7}")
"""04 is Russia."""
WEIGHTS = (7, 1, 3)
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def check_kpp(kpp: str) -> None:
    """Refuse what cannot be a КПП; empty is fine."""
    if kpp and not KPP.fullmatch(kpp):
        raise Refused(N_("A КПП has nine characters"), field="kpp")


def check_bank(bic: str, bank_account: str, correspondent_account: str) -> None:
    """Refuse a БИК or an account whose key does not fit the БИК. Each may be empty; an account needs its БИК."""
    if bic and not BIC.fullmatch(bic):
        raise Refused(N_("A БИК has nine digits and starts with 04"), field="bank_bic")
    for field, number, prefix in (
        ("bank_account", bank_account, bic[-3:]),
        ("correspondent_account", correspondent_account, "0" + bic[4:6]),
    ):
        if not number:
            continue
        if field == "bank_account" and IBAN.fullmatch(number):
            if not _iban_fits(number):
                raise Refused(N_("The IBAN's check digits do not fit: look for a mistyped character"), field=field)
            continue
        if not re.fullmatch(r"[0-9]{20}", number):
            raise Refused(N_("An account has twenty digits, or is an IBAN"), field=field)
        if not bic:
            raise Refused(N_("An account is checked against its БИК: write it down too"), field="bank_bic")
        if not _key_fits(prefix + number):
            raise Refused(N_("The account's check digit does not fit the БИК: look for a mistyped digit"), field=field)


def _key_fits(digits: str) -> bool:
    """Weights 7, 1, 3 over the 23 digits; the sum ends in zero (Bank of Russia, order 515 of 1997)."""
    return sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(digits)) % 10 == 0


def _iban_fits(number: str) -> bool:
    """Letters as 10 to 35, the first four behind the rest; the remainder by 97 is one (ISO 13616)."""
    return int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 == 1
