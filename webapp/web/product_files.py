"""Leaflets of a product: the files that may go out with a proposal."""

from pathlib import PurePath

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.file import StoredFile
from webapp.domain.permissions import Permission
from webapp.domain.product import Product
from webapp.domain.product_file import ProductFile
from webapp.exchange import picture
from webapp.queries.product_files import files_of
from webapp.web import once
from webapp.web.access import actor, need, requires
from webapp.web.answers import page, see
from webapp.web.checks import clean
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import refuse, TextField
from webapp.web.proposal_file import stored
from webapp.web.session import me

bp = Blueprint("product_files", __name__)

ENDINGS = {picture.PAPER: ".pdf", "image/jpeg": ".jpg"}


class FileForm(FlaskForm):
    file = FileField(_l("File"), [FileRequired(_l("Please choose"))])
    name = TextField(
        _l("Name"), required=False, longest=150, description=_l("As the client reads it; empty: the file's own name")
    )

    def kept(self) -> tuple[bytes, str, str]:
        """What is stored: the bytes, their media type, and a name that ends as such files do."""
        content, media_type = picture.cleaned(self.file.data.read(picture.LARGEST + 1))
        own = PurePath((self.file.data.filename or "").replace("\\", "/")).stem
        typed = PurePath(self.name.data or "")
        stem = (typed.stem if typed.suffix.lower() == ENDINGS[media_type] else str(typed)) if self.name.data else own
        return content, media_type, (clean(stem)[:150] or "file") + ENDINGS[media_type]


@bp.route("/products/<int:id>/files", methods=["GET", "POST"])
@requires(Permission.CLIENT_VIEW, Product)
def show(product: Product) -> Response:
    """The product's files; whoever may change the catalogue adds one."""
    form, here, status = FileForm(), url_for(".show", id=product.id), 200
    if form.is_submitted():
        need(Permission.PRODUCT_EDIT)
        status = 422
        if form.validate():
            try:
                content, media_type, name = form.kept()
                with transaction() as session:
                    once.take(session)
                    file = StoredFile.store(session, content, media_type)
                    ProductFile.add(session, product, file, name, by=me(), at=now())
                    once.leads_to(here)
                return see(here, _("Added."))
            except Refused as refusal:
                refuse(form, refusal)
    rows = files_of(db.session(), actor(), product.id)
    return page("product_files.html", status, product=product, rows=rows, form=form, largest=picture.LARGEST)


@bp.get("/products/files/<int:id>")
@requires(Permission.CLIENT_VIEW, ProductFile)
def download(file: ProductFile) -> Response:
    return stored(file.file, file.name)


@bp.post("/products/files/<int:id>/removed")
@requires(Permission.CLIENT_VIEW, ProductFile)
def remove(file: ProductFile) -> Response:
    need(Permission.PRODUCT_EDIT)
    here = url_for(".show", id=file.product_id)
    try:
        with transaction() as session:
            session.add(file.remove(by=me(), at=now()))
    except Refused as refusal:
        return see(here, say(refusal), "bad")
    return see(here, _("Removed. What was sent with it keeps it."))
