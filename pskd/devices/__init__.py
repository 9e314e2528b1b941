"""Watches: the driver protocol, the engine that runs drivers, and one file per watch."""
