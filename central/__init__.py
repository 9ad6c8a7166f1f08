"""The centre: the far end of synchronisation, for many compounds."""
