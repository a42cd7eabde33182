"""The icons of the theme as a small font, in place of the script that draws all of Font Awesome.

The theme brings the fonts, whose glyphs are named as the icons are: `rocket` for ``fa-rocket``. Of
them the pages keep the glyphs that they show.
"""

import base64
import io
import re

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SCRIPT = re.compile(r'\s*<script defer src="[^"]*/fontawesome\.js[^"]*"></script>')
ICON = re.compile(r'<i class="([^"]*\bfa-[^"]*)"')
NAMED = re.compile(r'--pst-icon-[\w-]+:\s*"(.|\\[0-9a-f]{4})"')  # by a style sheet: "\f086"
FONTS = {"solid": ("fa-solid-900.ttf", 900), "brands": ("fa-brands-400.ttf", 400)}
BRANDS = {"fab", "fa-brands"}
NO_ICON = {"fa-solid", "fa-regular", "fa-brands", "fa-lg"}
STYLE_SHEETS = ("styles/pydata-sphinx-theme.css", "custom.css")
STYLE = """\
.fas, .fa-solid, .fab, .fa-brands { display: inline-block; font: var(--fa-font-solid); }
.fab, .fa-brands { font: var(--fa-font-brands); }
.fa-lg { font-size: 1.25em; }
"""


def find_icons(html):
    """Return the icons of a page as pairs of a font and the name of a glyph.

    >>> sorted(find_icons('<i class="fas fa-file"></i> <i class="fab fa-github fa-lg"></i>'))
    [('brands', 'github'), ('solid', 'file')]
    """
    found = set()
    for classes in map(str.split, ICON.findall(html)):
        font = "brands" if BRANDS & set(classes) else "solid"
        names = {name for name in classes if name.startswith("fa-")} - NO_ICON
        found |= {(font, name.removeprefix("fa-")) for name in names}
    return found


def find_named(css):
    """Return the characters that a style sheet shows as icons.

    >>> find_named(r':root{--pst-icon-bell:"!";--pst-icon-two: "\\f086"; --pst-icon-b: var(--c)}')
    ['!', '\\uf086']
    """
    return [chr(int(one[1:], 16)) if len(one) > 1 else one for one in NAMED.findall(css)]


def write_font(path, codes):
    """Return what a font file has for some characters, as a WOFF file."""
    font = TTFont(path)
    options = Options(flavor="woff", layout_features=[], name_IDs=[0, 13, 14])  # its licence stays
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor, out = "woff", io.BytesIO()
    font.save(out)
    return out.getvalue()


def write_style(fonts, icons, characters):
    """Return a style sheet with the fonts in it, and a rule for each icon.

    ``fonts`` is the folder of the theme's fonts, ``icons`` are pairs as `find_icons` returns them,
    ``characters`` those that style sheets show. Raises ``ValueError`` for an icon that
    the fonts do not have.
    """
    rules = [STYLE]
    for font, (file, weight) in FONTS.items():
        cmap = TTFont(fonts / file).getBestCmap()
        codes = {name: code for code, name in sorted(cmap.items(), reverse=True)}
        names = {name for of, name in icons if of == font}
        if lacking := sorted(names - set(codes)):
            raise ValueError(f"{file} has no icons {lacking}")
        wanted = {codes[name] for name in names} | {ord(c) for c in characters if ord(c) in cmap}
        data = base64.b64encode(write_font(fonts / file, wanted)).decode()
        family = f"Book icons, {font}"
        rules += [
            f'@font-face {{ font-family: "{family}"; font-weight: {weight};',
            f'  src: url("data:font/woff;base64,{data}"); }}',
            f':root {{ --fa-font-{font}: normal {weight} 1em/1 "{family}"; }}',
        ]
        rules += [
            f'.fa-{name}::before {{ content: "\\{codes[name]:x}"; }}' for name in sorted(names)
        ]
    return "\n".join(rules) + "\n"


def link_icons(html, root):
    """Let a page load the style sheet of the icons where it loads the theme's script.

    >>> link_icons('<script defer src="../a/fontawesome.js?b=1"></script>', "../")
    '\\n  <link rel="stylesheet" href="../_static/icons.css" />'
    """
    return SCRIPT.sub(f'\n  <link rel="stylesheet" href="{root}_static/icons.css" />', html)


def put_icons(static, icons):
    """Write the style sheet of the icons, and remove the theme's script and fonts."""
    named = [one for name in STYLE_SHEETS for one in find_named((static / name).read_text("utf-8"))]
    fonts = static / "vendor/fontawesome/webfonts"
    style = write_style(fonts, icons | {("solid", "xmark")}, named)  # that one is of a script
    (static / "icons.css").write_text(style, "utf-8")
    for path in [*(static / "scripts").glob("fontawesome.js*"), *fonts.glob("*")]:
        path.unlink()
