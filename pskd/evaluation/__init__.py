"""How good a student is, said honestly: metrics, calibration, comparisons, the report and the model card."""
