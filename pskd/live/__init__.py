"""Predictions while the watch streams. No torch in this room: numpy and ONNX Runtime only."""
