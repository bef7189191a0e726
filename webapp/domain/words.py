"""The trade's fixed words: departments, roles, and the mark of a sentence that a person will read."""

from enum import StrEnum


def N_(message: str) -> str:
    """Mark an English sentence for translation; the web layer translates it where it is shown."""
    return message


class Department(StrEnum):
    """The three departments a client passes through."""

    SALES = "sales"
    CLIENT = "client"
    VIP = "vip"

    @property
    def label(self) -> str:
        return {"sales": N_("Sales"), "client": N_("Client"), "vip": N_("VIP")}[self.value]


class Role(StrEnum):
    """What a user may do in general; the permission table says what exactly."""

    MEMBER = "member"
    HEAD = "head"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return {
            "member": N_("Member"),
            "head": N_("Head of department"),
            "director": N_("Director"),
            "administrator": N_("Administrator"),
        }[self.value]
