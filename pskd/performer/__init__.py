"""The simulated performer: a person without hardware, the same in every process that shares the clock.

A performance is a pure function of time (:func:`pskd.clock.now_s`), of the options, and of what the person was told.
The watch in the main process and the camera in the vision child that are given the same options and the same
``perform`` commands show the same person; nothing passes between them. How a camera uses it::

    performance = Performance(uri.path, uri.options)        # "squat", {"seed": "3", "body": "1"}
    performance.perform(label, t_s)                         # from the recorder's ``perform`` command, any thread
    grab_s = now_s()
    seen = performance.landmarks(np.array([grab_s]), aspect=width / height)
    frame = PoseFrame(grab_s, number, seen.world_m[0], seen.image[0], seen.visibility[0], people=1)
    preview = picture(seen.image[0], width, height)         # (height, width, 3) uint8

How a watch uses it, packet by packet::

    watch = Watch(rate_hz=50.0, drift_ppm=40.0)
    packets = np.arange(watch.first_packet(now_s()), ...)
    samples = watch.samples(packets[:1])
    acceleration, turning = watch.measure(performance, samples)   # (T, 3) m/s^2 and deg/s
    watch.device_s(samples), watch.arrival_s(packets[:1])

A whole take at once, far faster than real time: :func:`perform_take`. The truth is at hand for tests:
``Performance.pose``, ``.acceleration``, ``.label_at``, ``Watch.true_s``.

Options (text, as in a ``sim:`` URI): ``seed`` (0 up), ``body`` (0 to 7 or a name), ``hand`` (left or right: the wrist
with the watch; the body's dominant hand unless told), ``speed``, ``amplitude``, ``smoothness``, ``vary`` (0: all
repetitions alike), ``view`` (degrees turned from the camera), ``noise`` (landmark noise; 0: none), ``every`` (seconds
for each activity of ``medley``). The activity is one of :func:`activity_names`, ``medley``, or empty for rest;
``perform`` takes any class name, and for one that is not in the table makes up a gesture from the name.
"""

from pskd.performer.activities import names as activity_names
from pskd.performer.body import BODIES, Body
from pskd.performer.camera import Landmarks
from pskd.performer.options import OPTIONS
from pskd.performer.performance import Motion, Performance
from pskd.performer.picture import picture
from pskd.performer.take import PerformedTake, perform_take
from pskd.performer.watch import Watch

__all__ = [
    "BODIES",
    "OPTIONS",
    "Body",
    "Landmarks",
    "Motion",
    "Performance",
    "PerformedTake",
    "Watch",
    "activity_names",
    "perform_take",
    "picture",
]
