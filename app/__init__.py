"""The window of PSKD Studio."""
