"""Resampling, sensor and pose preprocessing, augmentation. numpy only; training and live use the same functions."""
