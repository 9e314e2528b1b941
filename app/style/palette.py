"""The colours of the two themes. Every colour on screen comes from here; text on its ground has 4.5:1 or more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colours as ``#RRGGBB``.

    Attributes:
        name: ``light`` or ``dark``.
        ground: behind everything.
        surface: cards and panels.
        raised: hovered rows, quiet fields, tracks.
        stage: behind camera pictures and skeletons (dark in both themes).
        line: hair lines and borders.
        line_strong: borders of controls.
        text: first text colour.
        text_soft: second: explanations.
        text_faint: third: units, time stamps.
        accent: the one colour of actions and selection.
        accent_hover: it, hovered.
        accent_soft: its pale ground (selection).
        on_accent: text on ``accent``.
        record: recording, and nothing else.
        record_hover: it, hovered.
        good: running as it should.
        warn: needs a look.
        bad: broken or silent.
        good_soft: pale ground of ``good``.
        warn_soft: pale ground of ``warn``.
        bad_soft: pale ground of ``bad``.
        series: line colours in order (x, y, z first), told apart by people with any colour vision.
    """

    name: str
    ground: str
    surface: str
    raised: str
    stage: str
    line: str
    line_strong: str
    text: str
    text_soft: str
    text_faint: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    record: str
    record_hover: str
    good: str
    warn: str
    bad: str
    good_soft: str
    warn_soft: str
    bad_soft: str
    series: tuple[str, ...]

    @property
    def dark(self) -> bool:
        """True for the dark theme."""
        return self.name == "dark"


LIGHT = Palette(
    name="light",
    ground="#F5F6F8",
    surface="#FFFFFF",
    raised="#EEF0F4",
    stage="#14181F",
    line="#E2E5EB",
    line_strong="#C9CFD9",
    text="#161A22",
    text_soft="#525C6B",
    text_faint="#626B79",
    accent="#3355DB",
    accent_hover="#2945BB",
    accent_soft="#E7ECFD",
    on_accent="#FFFFFF",
    record="#D92D3A",
    record_hover="#BC2230",
    good="#177444",
    warn="#9A5B00",
    bad="#C4262E",
    good_soft="#E3F4EA",
    warn_soft="#FDF1DC",
    bad_soft="#FDE8E8",
    series=("#2F6BDE", "#C8660A", "#0E8F76", "#9B3FB5", "#5F6B7C", "#C2315F"),
)

DARK = Palette(
    name="dark",
    ground="#0F1216",
    surface="#181C22",
    raised="#222831",
    stage="#0A0C0F",
    line="#272E37",
    line_strong="#3C4551",
    text="#EDF0F4",
    text_soft="#AAB3C0",
    text_faint="#8B95A3",
    accent="#5578F5",
    accent_hover="#6B8AFB",
    accent_soft="#202B4C",
    on_accent="#FFFFFF",
    record="#E5414C",
    record_hover="#F05661",
    good="#46C088",
    warn="#EBA937",
    bad="#FF6B70",
    good_soft="#15301F",
    warn_soft="#35280F",
    bad_soft="#3A1A1D",
    series=("#6FA0FF", "#F2A24B", "#3CCBAA", "#CB82E6", "#97A3B5", "#F0759A"),
)
