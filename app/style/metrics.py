"""Sizes: the 8-pixel grid, radii and the type scale (all in device-independent pixels)."""

from __future__ import annotations

GRID = 8
GAP_S = GRID // 2
GAP_M = GRID
GAP_L = 2 * GRID
GAP_XL = 3 * GRID
PAGE_MARGIN = 4 * GRID

RADIUS_S = 6
RADIUS_M = 8
RADIUS_L = 12

CONTROL_HEIGHT = 36
BUTTON_BIG = 48
RAIL_WIDE = 208
RAIL_NARROW = 72
RAIL_BREAK = 1040  # windows narrower than this show the rail as icons only

# role -> (pixels, weight)
TYPE = {
    "hero": (52, 700),
    "display": (28, 600),
    "title": (22, 600),
    "heading": (16, 600),
    "strong": (14, 600),
    "body": (14, 400),
    "small": (13, 400),
    "caption": (12, 400),
    "number": (20, 600),
}

# Families in order of wish: what the three systems bring, then what every Linux has.
FAMILIES = (
    "Inter", "Segoe UI Variable Text", "Segoe UI", ".AppleSystemUIFont", "SF Pro Text",
    "Adwaita Sans", "Cantarell", "Noto Sans", "Ubuntu", "Open Sans", "DejaVu Sans",
)  # fmt: skip
WIDE_FAMILIES = ("DejaVu Sans", "Bitstream Vera Sans", "Verdana")  # these run wide and look a size larger
WIDE_FACTOR = 0.92
