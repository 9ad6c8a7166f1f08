"""Faces and codes: pictures in, words out; one adapter file per engine."""
