"""Settings: the schema of a site file, and the names and hashes of model weights."""
