"""The residents' page: a home is claimed, its people choose, invite and withdraw."""
