"""Child processes: one program started again as ``... worker KIND``, talking JSON lines over its pipes."""
