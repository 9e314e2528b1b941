"""One file per camera source, found under its URI scheme: ``webcam:0``, ``video:PATH``, ``sim:squat``."""

from pskd.registry import Registry
from pskd.vision.base import Camera

CAMERAS: Registry[type[Camera]] = Registry("camera", __name__)
