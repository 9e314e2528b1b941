"""Virtual Bluetooth sensors over a virtual controller, for tests only."""
