"""The public Gemini API."""

from flask import Blueprint

blueprint = Blueprint("gemini_api", __name__)
