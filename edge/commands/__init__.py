"""The commands, one file a noun; edge/cli.py puts them together."""
