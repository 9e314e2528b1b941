"""PSKD: record, train, distil and predict activities from a watch. No Qt anywhere in this package."""

__version__ = "0.1.0"
