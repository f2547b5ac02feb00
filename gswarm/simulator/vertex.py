"""Vertex AI."""

from flask import Blueprint

blueprint = Blueprint("vertex", __name__)
