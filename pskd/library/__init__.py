"""The library: subjects, sessions and takes on disk, their labelled segments, clips, windows and splits."""
