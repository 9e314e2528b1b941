"""Listening for phones that push their samples: off unless somebody opens such an address, and with a door keeper."""
