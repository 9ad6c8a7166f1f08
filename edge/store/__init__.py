"""The store: register, journal, templates and keys in three SQLite files (docs/store.md)."""
