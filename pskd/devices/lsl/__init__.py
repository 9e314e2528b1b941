"""Lab Streaming Layer: other programs' streams as watches. Needs the extra ``lsl``; opens nothing unasked."""
