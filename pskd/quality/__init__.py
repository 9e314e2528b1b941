"""What a finished take is worth: whether its streams came whole, its sensor worked, and its trials show movement."""
