"""The web application: pages, linked data and SPARQL over a built generation."""

from app.web.application import create_app

__all__ = ["create_app"]
