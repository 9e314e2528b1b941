"""Bluetooth Low Energy through bleak: one shared scanner, one link a device; bleak is loaded when first needed."""
