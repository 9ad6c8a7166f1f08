"""Number plates: detection, reading and the grammar of GA 36."""
