"""PSKD: record, train, distil and predict activities from a watch. No Qt anywhere in this package."""

import os

__version__ = "0.1.0"

# The published builds of ONNX Runtime report to their maker unless this stands there before they are loaded,
# whoever loads them first; nothing here reports to anybody.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
