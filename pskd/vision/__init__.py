"""Cameras and landmarks: camera sources, the pose models, the child process that owns both, and its client."""
