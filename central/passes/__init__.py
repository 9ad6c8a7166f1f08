"""Passes that residents make: rules, keys, links, PINs and the sheet of paper (docs/pass.md)."""
