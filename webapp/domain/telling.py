"""Telling: in one talk a client is told of several products, and takes each in its own way."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.interaction import Interaction
from webapp.domain.user import User


def told_of(
    session: Session, interaction: Interaction, said: Mapping[int, Happening], *, by: User, at: datetime
) -> None:
    """``said``: how the client took each product, by the product's number."""
    for happening in Happening:  # those whom the same answer was given, together
        taken = [product_id for product_id, answer in said.items() if answer is happening]
        if taken:
            Awareness.note_all(
                session, interaction.client_id, taken, "tell", interaction=interaction, said=happening, by=by, at=at
            )
