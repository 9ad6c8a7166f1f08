"""Alembic's environment for the three files; versions/ has one folder for each."""
