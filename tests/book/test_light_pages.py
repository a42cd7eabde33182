"""What the build draws and leaves out: formulas, icons, idle rules, pictures not yet seen."""

import base64
import hashlib
import io
import re
from pathlib import Path

import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
FONTS = THEME / "vendor/fontawesome/webfonts"


@pytest.fixture(scope="module")
def typesetter():
    import book_equations

    typesetter = book_equations.Typesetter()
    yield typesetter
    typesetter.close()


def test_a_formula_is_drawn_with_glyphs_that_stand_once(typesetter):
    import book_equations

    one = typesetter.draw(r"x + x^2", display=False)
    two = typesetter.draw(r"x < \frac{1}{2}", display=True)
    assert one.count("<svg") == two.count("<svg") == 1
    assert "<mi>x</mi>" in one
    assert 'display="true"' in two
    used = set(book_equations.GLYPH.findall(one + two))
    assert used <= set(typesetter.glyphs)
    glyphs = book_equations.collect_glyphs(one + two, typesetter.glyphs)
    assert sorted(re.findall(r'<path id="(MJX-[^"]+)"', glyphs)) == sorted(used)
    assert "<path" not in one + two


def test_a_formula_that_is_none_stops_the_build(typesetter):
    with pytest.raises(ValueError, match=r"frac\{1.*is no formula: .*[Mm]issing"):
        typesetter.draw(r"\frac{1", display=False)
    assert "<mi>y</mi>" in typesetter.draw("y", display=False)


def test_a_formula_keeps_its_tex_and_loses_what_says_nothing(monkeypatch, typesetter):
    import book_equations

    monkeypatch.setattr(book_equations, "start", lambda: typesetter)
    html = book_equations.write_formula(r"a < b", display=False)
    assert 'data-tex="a &lt; b"' in html
    assert "xmlns" not in html.split("<mjx-assistive-mml")[0]
    assert "xlink" not in html


def test_the_icons_of_a_page_are_in_the_font_and_no_others():
    import book_icons

    style = book_icons.write_style(FONTS, {("solid", "rocket"), ("brands", "github")}, ["\uf0eb"])
    codes = {int(code, 16) for code in re.findall(r'content: "\\(\w+)"', style)}
    fonts = [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", style)]
    assert len(fonts) == 2
    assert {data[:4] for data in fonts} == {b"wOFF"}
    found = set().union(*(TTFont(io.BytesIO(data)).getBestCmap() for data in fonts))
    assert found == codes | {0xF0EB}
    with pytest.raises(ValueError, match=r"no icons \['spaceship'\]"):
        book_icons.write_style(FONTS, {("solid", "spaceship")}, [])


def test_a_rule_stays_if_a_page_can_use_one_of_its_selectors():
    import book_weight

    css = """@font-face { src: url(a.woff) } .a > .b, #c { x: 1 } .a:not(.z):hover { y: 1 }
             @media print { .a { z: 1 } .z { z: 2 } } @media screen { .z { z: 3 } } p { q: 1 }"""
    kept = book_weight.prune(css, {"a", "c"})
    assert re.sub(r"\s", "", kept) == (
        "@font-face{src:url(a.woff)}#c{x:1}.a:not(.z):hover{y:1}@mediaprint{.a{z:1}}p{q:1}"
    )


def test_a_variable_stays_if_somebody_reads_it_and_all_else_as_it_is():
    import book_weight

    css = """p { --a: 1px; --b : url("data:x;y:z"); top: calc(var(--a) + 1px) !important; *zoom: 1;
             background: url(a;b.png) } :root { --c: 2 }"""
    script = "style.setProperty('--b', 1); // not --c: that is set"
    read = set(book_weight.READ.findall(css)) | set(book_weight.READ.findall(script))
    assert read == {"--a", "--b"}
    assert book_weight.prune(css, set(), read) == (
        'p{--a:1px;--b:url("data:x;y:z");top:calc(var(--a) + 1px) !important;'
        "background:url(a;b.png)}"
    )


def test_large_pictures_become_files_whose_room_is_kept_until_they_are_seen(tmp_path):
    import book_weight

    drawn = io.BytesIO()
    Image.effect_noise((80, 40), 90).save(drawn, "WEBP", lossless=True)
    content = drawn.getvalue()
    large, small = (base64.b64encode(part).decode() for part in (content, content[:30]))
    pages = {
        f'<img src="data:image/webp;base64,{large}" width="40" alt="a">': (
            ' width="40" alt="a" height="20" loading="lazy">'
        ),
        f'<img src="data:image/webp;base64,{large}" alt="b">': ' alt="b">',
    }
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.webp"
    for page, rest in pages.items():
        html = book_weight.put_aside(page, tmp_path, "../")
        assert html == f'<img src="../{tmp_path.name}/{name}"{rest}'
    kept = f'<img src="data:image/png;base64,{small}">'
    assert book_weight.put_aside(kept, tmp_path, "../") == kept
    assert (tmp_path / name).read_bytes() == content
