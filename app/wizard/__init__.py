"""The way from takes to a student in five steps: data, split, plan, run, result."""
