"""To be written."""

from flask import Blueprint

bp = Blueprint("roles", __name__)
