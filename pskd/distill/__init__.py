"""Distillation: what a rung of the ladder learns from the rungs above it."""
