"""The operator's pages: whoever looks after the centre sees its compounds and lets edges in."""
