"""Joint layouts: the names, bones and axes of every sensor's skeleton, and the one joint map between them.

``CANONICAL`` is the set of joints that all layouts can give; teachers see only those, so a teacher trained on
one sensor understands another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pskd.errors import WrongUse
from pskd.types import FloatArray

Bone = tuple[int, int]

CANONICAL: tuple[str, ...] = (
    "head", "neck", "pelvis",
    "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
    "left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle",
)  # fmt: skip

_CANONICAL_BONES = (
    ("pelvis", "neck"), ("neck", "head"),
    ("neck", "left_shoulder"), ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("neck", "right_shoulder"), ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
    ("pelvis", "left_hip"), ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("pelvis", "right_hip"), ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
)  # fmt: skip

CANONICAL_BONES: tuple[Bone, ...] = tuple((CANONICAL.index(a), CANONICAL.index(b)) for a, b in _CANONICAL_BONES)


@dataclass(frozen=True)
class PoseLayout:
    """One sensor's skeleton.

    Attributes:
        name: such as ``mediapipe-33``.
        joints: joint names in stored order.
        bones: pairs of joint indices, parent first, for drawing.
        up: the unit vector that points up in this sensor's world.
        canonical: for each canonical joint the stored joints whose mean it is.
    """

    name: str
    joints: tuple[str, ...]
    bones: tuple[Bone, ...]
    up: tuple[float, float, float]
    canonical: tuple[tuple[int, ...], ...]

    def to_canonical(self, pose: FloatArray) -> FloatArray:
        """Map joints to the canonical ones.

        Args:
            pose: ``(..., V, D)`` in this layout's order.

        Returns:
            ``(..., 15, D)``; a joint is NaN where a joint that it is made of is NaN.
        """
        if pose.ndim < 2 or pose.shape[-2] != len(self.joints):
            raise ValueError(f"pose: expected (..., {len(self.joints)}, D) for {self.name}, got {pose.shape}")
        return np.stack([pose[..., list(ids), :].mean(axis=-2) for ids in self.canonical], axis=-2)


def _layout(
    name: str, joints: str, bones: str, up: tuple[float, float, float], averages: dict[str, tuple[str, ...]]
) -> PoseLayout:
    names = tuple(joints.split())
    index = {joint: position for position, joint in enumerate(names)}
    canonical = tuple(tuple(index[j] for j in averages.get(joint, (joint,))) for joint in CANONICAL)
    pairs = tuple((index[a], index[b]) for a, _, b in (bone.partition(">") for bone in bones.split()))
    return PoseLayout(name, names, pairs, up, canonical)


MEDIAPIPE_33 = _layout(
    "mediapipe-33",
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer left_ear right_ear "
    "mouth_left mouth_right left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky "
    "right_pinky left_index right_index left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle left_heel right_heel left_foot_index right_foot_index",
    "left_ear>left_eye left_eye>nose nose>right_eye right_eye>right_ear mouth_left>mouth_right "
    "left_shoulder>right_shoulder left_shoulder>left_elbow left_elbow>left_wrist left_wrist>left_index "
    "left_wrist>left_thumb right_shoulder>right_elbow right_elbow>right_wrist right_wrist>right_index "
    "right_wrist>right_thumb left_shoulder>left_hip right_shoulder>right_hip left_hip>right_hip left_hip>left_knee "
    "left_knee>left_ankle left_ankle>left_heel left_heel>left_foot_index right_hip>right_knee "
    "right_knee>right_ankle right_ankle>right_heel right_heel>right_foot_index",
    (0.0, -1.0, 0.0),
    {
        "head": ("left_ear", "right_ear"),
        "neck": ("left_shoulder", "right_shoulder"),
        "pelvis": ("left_hip", "right_hip"),
    },
)

KINECT_20 = _layout(
    "kinect-20",
    "head neck spine pelvis left_shoulder left_elbow left_wrist left_hand right_shoulder right_elbow right_wrist "
    "right_hand left_hip left_knee left_ankle left_foot right_hip right_knee right_ankle right_foot",
    "head>neck neck>spine spine>pelvis neck>left_shoulder left_shoulder>left_elbow left_elbow>left_wrist "
    "left_wrist>left_hand neck>right_shoulder right_shoulder>right_elbow right_elbow>right_wrist "
    "right_wrist>right_hand pelvis>left_hip left_hip>left_knee left_knee>left_ankle left_ankle>left_foot "
    "pelvis>right_hip right_hip>right_knee right_knee>right_ankle right_ankle>right_foot",
    (0.0, 1.0, 0.0),
    {},
)

COCO_17 = _layout(
    "coco-17",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle",
    "left_ear>left_eye left_eye>nose nose>right_eye right_eye>right_ear left_shoulder>right_shoulder "
    "left_shoulder>left_elbow left_elbow>left_wrist right_shoulder>right_elbow right_elbow>right_wrist "
    "left_shoulder>left_hip right_shoulder>right_hip left_hip>right_hip left_hip>left_knee left_knee>left_ankle "
    "right_hip>right_knee right_knee>right_ankle",
    (0.0, -1.0, 0.0),
    {
        "head": ("left_ear", "right_ear"),
        "neck": ("left_shoulder", "right_shoulder"),
        "pelvis": ("left_hip", "right_hip"),
    },
)

# Order and places of the markers were read off the recordings: markers that keep their distance share a limb.
_BERKELEY_ARM = "{0}_shoulder {0}_upper_arm {0}_elbow {0}_forearm {0}_wrist {0}_hand_1 {0}_hand_2 {0}_hand_3"
_BERKELEY_LEG = "{0}_hip_back {0}_hip_front {0}_thigh {0}_knee_above {0}_knee_below {0}_shin {0}_heel {0}_toe"
_BERKELEY_LIMB = (
    "{0}_shoulder>{0}_upper_arm {0}_upper_arm>{0}_elbow {0}_elbow>{0}_forearm {0}_forearm>{0}_wrist "
    "{0}_wrist>{0}_hand_2 {0}_waist_front>{0}_hip_front {0}_hip_front>{0}_thigh {0}_thigh>{0}_knee_above "
    "{0}_knee_above>{0}_knee_below {0}_knee_below>{0}_shin {0}_shin>{0}_heel {0}_heel>{0}_toe "
    "chest>{0}_shoulder belly>{0}_waist_front {0}_waist_back>{0}_waist_front"
)
BERKELEY_43 = _layout(
    "berkeley-43",
    "head_front head_left head_right right_waist_back spine_low spine_high left_waist_back left_waist_front belly "
    f"chest right_waist_front {_BERKELEY_ARM.format('left')} {_BERKELEY_ARM.format('right')} "
    f"{_BERKELEY_LEG.format('left')} {_BERKELEY_LEG.format('right')}",
    "head_front>head_left head_front>head_right chest>head_front chest>belly spine_high>spine_low "
    f"{_BERKELEY_LIMB.format('left')} {_BERKELEY_LIMB.format('right')}",
    (0.0, 1.0, 0.0),
    {
        "head": ("head_front", "head_left", "head_right"),
        "neck": ("left_shoulder", "right_shoulder"),
        "pelvis": ("left_hip_back", "left_hip_front", "right_hip_back", "right_hip_front"),
        **{f"{side}_hip": (f"{side}_hip_back", f"{side}_hip_front") for side in ("left", "right")},
        **{f"{side}_knee": (f"{side}_knee_above", f"{side}_knee_below") for side in ("left", "right")},
        **{f"{side}_ankle": (f"{side}_shin", f"{side}_heel") for side in ("left", "right")},
    },
)

CANONICAL_15 = PoseLayout(
    "canonical-15", CANONICAL, CANONICAL_BONES, (0.0, 1.0, 0.0), tuple((i,) for i in range(len(CANONICAL)))
)

_LAYOUTS = {layout.name: layout for layout in (MEDIAPIPE_33, KINECT_20, COCO_17, BERKELEY_43, CANONICAL_15)}


def layout(name: str) -> PoseLayout:
    """The layout called ``name``.

    Raises:
        WrongUse: there is none.
    """
    if name not in _LAYOUTS:
        raise WrongUse(
            f"There is no joint layout called {name!r}.",
            code="skeleton.unknown",
            hint=f"Known: {', '.join(sorted(_LAYOUTS))}.",
        )
    return _LAYOUTS[name]
