"""Widgets: they get arrays and plain values, and know neither pages nor pskd's rooms."""
