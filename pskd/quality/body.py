"""Was the body seen as training needs it, and is the watch on the wrist that it should be on?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pskd import skeleton
from pskd.quality.findings import Finding, Severity
from pskd.quality.watches import Watch
from pskd.recording.names import OTHER_SIDE
from pskd.recording.sync_report import SyncDocument, arm_of, has_both
from pskd.recording.take import StreamData, Take
from pskd.skeleton import CANONICAL
from pskd.sync.gesture import LONGEST_S, GestureFit, fit_gesture
from pskd.types import StreamKind

SEEN = 0.5
HARDLY = 0.5
MOSTLY = 0.75
NOBODY = 0.10
NEEDED = ("neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_wrist", "right_wrist")
IN_STEP_S = 0.15
ALIKE = 0.6
CLEARLY = 0.15
LIVELY_MPS2 = 1.0
MUCH_ALIKE = 0.7  # to say that somebody is wrong takes more than to say that all is well
MUCH = 0.2
SURE = 0.5
SURE_S = 0.05
ENOUGH_S = 3.0


def check_visibility(take: Take, side: str) -> Iterator[Finding]:
    """Were the joints seen that matter? ``side`` is the wrist that wears the watch."""
    pose = take.first(StreamKind.POSE)
    if pose is None or not len(pose.times_s):
        return
    nobody = 1.0 - float(np.isfinite(pose.values[..., 0]).any(axis=1).mean())
    if nobody > NOBODY:
        severity = Severity.BAD if nobody > HARDLY else Severity.NOTICE
        what = f"The camera saw nobody in {nobody:.0%} of its pictures."
        yield Finding("visibility", severity, what, "Stay where the whole body is in the picture.", 1.0 - nobody)
        return
    shares = _seen_shares(pose)
    worst = min((name for name in NEEDED), key=lambda name: (shares[name], name != f"{side}_wrist"))
    share = shares[worst]
    if share >= MOSTLY:
        yield Finding("visibility", Severity.GOOD, "The body was seen well.", value=share)
        return
    severity = Severity.BAD if share < HARDLY and worst.startswith((side, "neck")) else Severity.NOTICE
    what = f"The {worst.replace('_', ' ')} was seen in only {share:.0%} of the pictures."
    hint = "Step back or turn to the camera until the whole body is in the picture, in good light."
    yield Finding("visibility", severity, what, hint, share, about=worst)


def _seen_shares(pose: StreamData) -> dict[str, float]:
    """Share of the pictures in which each canonical joint was seen."""
    layout = skeleton.layout(pose.info.layout)
    seen = np.isfinite(pose.values[..., 0])
    if pose.visibility is not None:
        seen &= np.nan_to_num(pose.visibility) >= SEEN
    return {
        name: float(seen[:, list(ids)].all(axis=1).mean())
        for name, ids in zip(CANONICAL, layout.canonical, strict=True)
    }


def check_wrists(take: Take, sync: SyncDocument, watches: Sequence[Watch]) -> list[Finding]:
    """Does each watch move like the wrist that it should be on, rather than like the other one?"""
    if not has_both(take):
        return []
    found = [finding for watch in watches if (finding := _check_wrist(take, sync, watch)) is not None]
    if len(found) == len(watches) > 1 and all(finding.severity is Severity.BAD for finding in found):
        what = "The two watches seem to be swapped: each moves like the other wrist."
        hint = "Change them over, or choose the other wrist for each on the Record page."
        return [Finding("wrist", Severity.BAD, what, hint, min(finding.value or 0.0 for finding in found))]
    return found


def _check_wrist(take: Take, sync: SyncDocument, watch: Watch) -> Finding | None:
    if not len(watch.stream.times_s):
        return None
    side, other = watch.side, OTHER_SIDE[watch.side]
    longest_s = IN_STEP_S if sync.trusted else LONGEST_S
    here, there = (_likeness(take, watch.stream, one, longest_s) for one in (side, other))
    if here is None or there is None or min(here.movement_mps2, there.movement_mps2) < LIVELY_MPS2:
        return None
    clearly = there.correlation - here.correlation
    if clearly > MUCH and there.correlation >= MUCH_ALIKE and _sure(there):
        what = f"The {watch.name} seems to be on the {other} wrist."
        hint = f"Put it on the {side} one, or change the wrist of subject {take.manifest.subject} to {other}."
        if watch.told:
            return Finding("wrist", Severity.BAD, what, f"Put it on the {side} one before the next take.", clearly)
        return Finding("wrist", Severity.BAD, what, hint, clearly, about=other)
    if -clearly > CLEARLY and here.correlation >= ALIKE:
        return Finding("wrist", Severity.GOOD, f"The {watch.name} is on the {side} wrist.", value=clearly, about=side)
    return None


def _sure(fit: GestureFit) -> bool:
    return fit.confidence >= SURE and fit.used_s >= ENOUGH_S and fit.bound_s is not None and fit.bound_s <= SURE_S


def _likeness(take: Take, watch: StreamData, side: str, longest_s: float) -> GestureFit | None:
    pose = take.first(StreamKind.POSE)
    assert pose is not None
    layout = skeleton.layout(pose.info.layout)
    arm = arm_of(pose, layout, side)
    if arm is None:
        return None
    later = np.append(True, np.diff(np.maximum.accumulate(watch.times_s)) > 0)
    return fit_gesture(
        watch.times_s[later],
        watch.values[later],
        pose.times_s,
        arm.wrist_m,
        elbow_m=arm.elbow_m,
        visibility=np.asarray(arm.visibility, np.float32),
        up=layout.up,
        longest_s=longest_s,
    )
