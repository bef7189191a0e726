"""What follows from a client's looking at a shared proposal and answering it, apart from the page itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.db import transaction
from webapp.domain.company import Company
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.letter_text import fill, fill_line, TextKind, words
from webapp.domain.mail_settings import is_address
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer
from webapp.domain.share_link import ShareLink
from webapp.jobs import job

TEXTS = {
    AnswerKind.QUESTION: TextKind.ASKED,
    AnswerKind.ACCEPTED: TextKind.ACCEPTED,
    AnswerKind.DECLINED: TextKind.DECLINED,
}


@job
def note_opening(link_id: int, at: str) -> None:
    """Count a reading. A job: looking at a page waits for nobody who writes."""
    with transaction() as session:
        link = session.get_one(ShareLink, link_id, with_for_update=True)
        told = link.open(at=datetime.fromisoformat(at))
        session.add_all([told] if told else [])


def write_to_owner(session: Session, answer: ProposalAnswer, *, at: datetime) -> Letter | None:
    """Queue the letter that tells whoever is to act on the answer; None where no e-mail is set up,
    or it was written already."""
    company, deal = session.get_one(Company, 1), answer.proposal.deal
    owner = answer.task.owner if answer.task is not None else deal.owner
    purpose = f"answer:{answer.id}"
    if not company.sends_mail or not is_address(owner.email or "") or Letter.queued(session, [purpose]):
        return None
    language = owner.language or company.language
    subject, body = words(session, TEXTS[answer.kind], language)
    values = {
        "client": deal.client.name,
        "company": company.name,
        "contact": owner.name,
        "author": "Baton",
        "number": answer.proposal.label,
        "title": answer.answered.title,
        "who": answer.name,
        "words": answer.words,
    }
    return Letter.write(
        session,
        deal.client,
        LetterKind.ANSWER,
        purpose=purpose,
        address=owner.email or "",
        subject=fill_line(subject, values),
        body=fill(body, values),
        language=language,
        by=None,
        at=at,
    )
