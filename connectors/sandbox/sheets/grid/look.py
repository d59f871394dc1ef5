"""The default format of cells, and colours as the service keeps them: 8 bits a channel."""

from __future__ import annotations

import struct
from typing import Any

Json = dict[str, Any]
_THEME = {
    "TEXT": "000000",
    "BACKGROUND": "ffffff",
    "ACCENT1": "4285f4",
    "ACCENT2": "ea4335",
    "ACCENT3": "fbbc04",
    "ACCENT4": "34a853",
    "ACCENT5": "ff6d01",
    "ACCENT6": "46bdc6",
    "LINK": "1155cc",
}


def _float32(value: float) -> float:
    """The shortest decimal that is the same 32-bit float, as the service prints it."""
    wanted = struct.pack("f", value)
    kept = struct.unpack("f", wanted)[0]
    return next(
        number
        for digits in range(1, 10)
        if struct.pack("f", number := float(f"{kept:.{digits}g}")) == wanted
    )


def colour(channels: Json) -> Json:
    """A Color as it is read back: cut to 8 bits a channel, without the channels that are zero."""
    cut = {
        name: int(min(1.0, max(0.0, value)) * 255 + 1e-6) / 255 for name, value in channels.items()
    }
    return {name: _float32(value) for name, value in cut.items() if value}


def _of_hex(code: str) -> Json:
    return colour(
        {
            name: int(code[n : n + 2], 16) / 255
            for n, name in ((0, "red"), (2, "green"), (4, "blue"))
        }
    )


def coloured(value: Any) -> Any:
    """*value* with every colour in both notations, ``backgroundColor`` and ``…ColorStyle``."""
    if isinstance(value, list):
        return [coloured(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: Json = {}
    for name, inner in value.items():
        if name.endswith("olor") and isinstance(inner, dict):
            found |= {name: colour(inner), f"{name}Style": {"rgbColor": colour(inner)}}
        elif name.endswith("ColorStyle") and isinstance(inner, dict):
            found |= _of_style(name, inner)
        else:
            found[name] = coloured(inner)
    return found


def _of_style(name: str, style: Json) -> Json:
    """A colour given as a ColorStyle, in both notations."""
    plain_name = name.removesuffix("Style")
    if "rgbColor" in style:
        rgb = colour(style["rgbColor"])
        return {plain_name: rgb, name: {"rgbColor": rgb}}
    return {plain_name: _of_hex(_THEME.get(style.get("themeColor", ""), "000000")), name: style}


def over(base: Json, own: Json) -> Json:
    """*own* on top of *base*, name by name."""
    found = dict(base)
    for name, value in own.items():
        nested = isinstance(value, dict) and isinstance(base.get(name), dict)
        found[name] = over(base[name], value) if nested else value
    return found


DEFAULT_FORMAT: Json = coloured(
    {
        "backgroundColor": {"red": 1, "green": 1, "blue": 1},
        "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
        "verticalAlignment": "BOTTOM",
        "wrapStrategy": "OVERFLOW_CELL",
        "textFormat": {
            "foregroundColor": {},
            "fontFamily": "arial,sans,sans-serif",
            "fontSize": 10,
            "bold": False,
            "italic": False,
            "strikethrough": False,
            "underline": False,
        },
    }
)
THEME: Json = {
    "primaryFontFamily": "Arial",
    "themeColors": [
        {"colorType": name, "color": {"rgbColor": _of_hex(code)}} for name, code in _THEME.items()
    ],
}
