"""Our two themes, and which one a terminal gets. All text in them stands at 4.5:1 or better; a test holds it."""

from collections.abc import Mapping

from textual.theme import Theme


def _theme(name: str, *, dark: bool, colours: Mapping[str, str]) -> Theme:
    text = {
        # What Textual would derive is lighter or darker than the plain colour, and on its own themes too faint.
        f"text-{role}": colours[role]
        for role in ("primary", "secondary", "accent", "success", "warning", "error")
    }
    return Theme(
        name=name,
        dark=dark,
        primary=colours["primary"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        success=colours["success"],
        warning=colours["warning"],
        error=colours["error"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        variables={
            **text,
            "foreground-muted": colours["muted"],
            "text-muted": colours["muted"],
            "foreground-disabled": colours["muted"],
            "text-disabled": colours["muted"],
            "border-blurred": colours["rule"],
            "block-cursor-background": colours["cursor"],
            "block-cursor-foreground": colours["on-cursor"],
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": colours["cursor-away"],
            "block-cursor-blurred-foreground": colours["foreground"],
            "scrollbar": colours["rule"],
            "scrollbar-background": colours["surface"],
            "scrollbar-corner-color": colours["surface"],
        },
    )


DARK = _theme(
    "qlab-dark",
    dark=True,
    colours={
        "background": "#101418",
        "surface": "#171C22",
        "panel": "#1E252D",
        "foreground": "#E6E6E6",
        "muted": "#98A1AB",
        "primary": "#6CB6FF",
        "secondary": "#6CB6FF",
        "accent": "#6CB6FF",
        "success": "#4CC38A",
        "warning": "#F2C14E",
        "error": "#FF8A6B",
        "rule": "#5C6670",
        "cursor": "#264F78",
        "on-cursor": "#FFFFFF",
        "cursor-away": "#252E38",
    },
)
LIGHT = _theme(
    "qlab-light",
    dark=False,
    colours={
        "background": "#FBFBF8",
        "surface": "#F1F1EC",
        "panel": "#E6E6E0",
        "foreground": "#1A1F24",
        "muted": "#5A6067",
        "primary": "#0B5CAD",
        "secondary": "#0B5CAD",
        "accent": "#0B5CAD",
        "success": "#0B6B4B",
        "warning": "#7A5200",
        "error": "#A8320A",
        "rule": "#8A8F94",
        "cursor": "#0B5CAD",
        "on-cursor": "#FFFFFF",
        "cursor-away": "#D9DEE4",
    },
)


def choose(env: Mapping[str, str], known: Mapping[str, Theme]) -> str:
    """Name of the theme: the one asked for, else by the background the terminal tells, else dark."""
    asked = env.get("TEXTUAL_THEME", "")
    if asked in known:
        return asked
    background = env.get("COLORFGBG", "").rpartition(";")[2]
    # 7 and 9 to 15 are the light half of the sixteen colours; 8 is dark grey.
    light = background.isdecimal() and (background == "7" or 9 <= int(background) <= 15)
    return (LIGHT if light else DARK).name
