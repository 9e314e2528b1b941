"""Students and teachers, one file each."""
