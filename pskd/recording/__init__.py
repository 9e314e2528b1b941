"""Takes: how one recording is written, read, recovered and judged."""
