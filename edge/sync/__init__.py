"""Telling the centre: the outbox is emptied by proof of receipt and by nothing else."""
