"""How cells look unless told otherwise, and colours as the service keeps them: 8 bits a channel,
both ways of writing one.
"""

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
    """The shortest decimal that is the same 32-bit float: what the service prints."""
    wanted = struct.pack("f", value)
    kept = struct.unpack("f", wanted)[0]
    return next(
        number
        for digits in range(1, 10)
        if struct.pack("f", number := float(f"{kept:.{digits}g}")) == wanted
    )


def colour(channels: Json) -> Json:
    """A Color as it is read back: cut to 8 bits, what is zero left out."""
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
    """*value* with every colour in both its ways, ``backgroundColor`` and
    ``backgroundColorStyle``.
    """
    if isinstance(value, list):
        return [coloured(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: Json = {}
    for name, inner in value.items():
        if name.endswith(("Color", "olor")) and isinstance(inner, dict):
            found |= {name: colour(inner), f"{name}Style": {"rgbColor": colour(inner)}}
        elif name.endswith("ColorStyle") and isinstance(inner, dict):
            rgb = (
                colour(inner["rgbColor"])
                if "rgbColor" in inner
                else _of_hex(_THEME.get(inner.get("themeColor", ""), "000000"))
            )
            found |= {
                name.removesuffix("Style"): rgb,
                name: {"rgbColor": rgb} if "rgbColor" in inner else inner,
            }
        else:
            found[name] = coloured(inner)
    return found


def over(base: Json, own: Json) -> Json:
    """*own* on top of *base*, name by name."""
    return base | {
        name: (
            over(base[name], value)
            if isinstance(value, dict) and isinstance(base.get(name), dict)
            else value
        )
        for name, value in own.items()
    }


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
