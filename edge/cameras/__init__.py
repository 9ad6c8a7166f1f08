"""Cameras: one file per kind of source, and the watch that keeps each of them going."""
