"""Pure decisions: no clock, no socket, no database, no picture."""
