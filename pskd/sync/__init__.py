"""One clock for all: a device's clock brought onto this computer's, and a camera brought onto the watch."""
