"""Scores of recognition on folders of labelled pictures: `kuahu eval`."""
