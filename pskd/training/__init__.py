"""Training: from a plan to a run folder with report and bundle."""
