"""What leaves the program: the bundle with weights, ONNX, preprocessing, calibration and model card."""
