"""Which channels of a stranger's stream are the axes, and what they are worth."""

from __future__ import annotations

import pytest

from pskd.devices.lsl.channels import Channel, axes, worth
from pskd.errors import PskdError, WrongUse
from pskd.types import StreamKind

ACC, GYR = StreamKind.ACCELEROMETER, StreamKind.GYROSCOPE


def channels(*labels: str, unit: str = "", kind: str = "") -> list[Channel]:
    return [Channel(label, unit, kind) for label in labels]


@pytest.mark.parametrize(
    ("labels", "acceleration"),
    [
        (("x", "y", "z", "device_s", "arrival_s"), (0, 1, 2)),
        (("ACC_X", "ACC_Y", "ACC_Z", "GYR_X", "GYR_Y", "GYR_Z"), (0, 1, 2)),
        (("EEG", "accelX", "accelY", "accelZ"), (1, 2, 3)),
        (("Zacc", "Yacc", "Xacc"), (2, 1, 0)),
        (("Acceleration x", "Acceleration y", "Acceleration z"), (0, 1, 2)),
        (("one", "two", "three"), (0, 1, 2)),
        (("", "", ""), (0, 1, 2)),
    ],
)
def test_the_axes_are_told_by_their_labels(labels: tuple[str, ...], acceleration: tuple[int, int, int]) -> None:
    assert axes(channels(*labels), ACC) == acceleration


def test_a_gyroscope_is_told_by_label_or_type() -> None:
    assert axes(channels("ACC_X", "ACC_Y", "ACC_Z", "GYR_X", "GYR_Y", "GYR_Z"), GYR) == (3, 4, 5)
    mixed = [*channels("x", "y", "z", kind="ACC"), *channels("x", "y", "z", kind="GYRO")]
    assert axes(mixed, ACC) == (0, 1, 2)
    assert axes(mixed, GYR) == (3, 4, 5)


@pytest.mark.parametrize("labels", [("a", "b"), ("x", "y", "z", "x"), ("", "", "", ""), ()])
def test_what_cannot_be_told_must_be_said(labels: tuple[str, ...]) -> None:
    with pytest.raises(PskdError, match=r"Say channels="):
        axes(channels(*labels), ACC)


def test_axes_are_said_by_number_or_label() -> None:
    seven = channels("a", "b", "c", "d", "e", "f", "4")
    assert axes(seven, ACC, "7, 2, a") == (6, 1, 0)
    assert axes(seven, ACC, "4,5,6") == (6, 4, 5)  # a label comes before a number


@pytest.mark.parametrize("wanted", ["1,2", "1,2,9", "1,1,2", "x,y,z", "1,2,3,4", "0,1,2", "٣,1,2", ","])
def test_what_names_no_three_channels_is_refused(wanted: str) -> None:
    with pytest.raises(WrongUse, match="does not name three channels"):
        axes(channels("a", "b", "c", "d"), ACC, wanted)


def test_units_are_told_or_said() -> None:
    assert worth(channels("x", "y", "z", unit="mg"), ACC) == pytest.approx(0.00980665)
    assert worth(channels("x", "y", "z", unit="M/S^2"), ACC) == 1.0
    assert worth(channels("x", "y", "z"), ACC, "g") == pytest.approx(9.80665)
    assert worth(channels("x", "y", "z", unit="rad/s"), GYR) == pytest.approx(57.29578)
    with pytest.raises(PskdError, match=r"Say unit="):
        worth(channels("x", "y", "z", unit="furlongs"), ACC)
    with pytest.raises(PskdError, match=r"Say turning_unit="):
        worth(channels("x", "y", "z"), GYR)
    with pytest.raises(PskdError, match=r"Say unit="):
        worth([Channel("x", "g", ""), Channel("y", "mg", ""), Channel("z", "g", "")], ACC)
    with pytest.raises(WrongUse, match="furlong"):
        worth(channels("x", "y", "z"), ACC, "furlong")
