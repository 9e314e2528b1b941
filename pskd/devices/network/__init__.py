"""What phones and watches send over a network: bytes to samples, and nothing else. No socket is opened here."""
