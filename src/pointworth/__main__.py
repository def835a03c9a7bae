"""`python -m pointworth`."""

from pointworth.cli import app

app()
