"""To be written."""

from flask import Blueprint

bp = Blueprint("handoffs", __name__)
