"""The built-in demo: a sample library of simulated people, so that everything can be tried without hardware."""
