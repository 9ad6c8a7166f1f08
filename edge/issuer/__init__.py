"""The desk that signs passes: a folder and a short process of its own; gates hold public keys."""
