from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd.errors import WrongUse
from pskd.uri import DeviceUri, shown


def test_an_address_has_a_scheme_a_path_and_options() -> None:
    uri = DeviceUri.parse("replay:take-003?speed=4&loop=1")
    assert (uri.scheme, uri.path, uri.options) == ("replay", "take-003", {"speed": "4", "loop": "1"})


@pytest.mark.parametrize("value", ["ab+cd", "a+b.jsonl", "+", "1+1+"])
def test_a_plus_in_an_option_stays_a_plus(value: str) -> None:
    assert DeviceUri.parse(f"ble:generic?raw={value}").options == {"raw": value}


@pytest.mark.parametrize("text", ["", "sim", "a b:c", ":path"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="not a device"):
        DeviceUri.parse(text)


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789+.-_", min_size=1))
def test_a_token_is_read_and_never_shown(token: str) -> None:
    text = f"http:0.0.0.0:8000?token=x{token}x&name=a"
    uri = DeviceUri.parse(text)
    assert uri.options["token"] == f"x{token}x"
    for said in (shown(text), str(uri)):
        assert f"x{token}x" not in said and "token=***&name=a" in said
