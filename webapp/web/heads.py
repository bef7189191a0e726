"""To be written."""

from flask import Blueprint

bp = Blueprint("heads", __name__)
