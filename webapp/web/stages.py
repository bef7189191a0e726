"""To be written."""

from flask import Blueprint

bp = Blueprint("stages", __name__)
