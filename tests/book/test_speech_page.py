"""The speech recogniser in a real browser: letters as Python's, from files and a microphone."""

import base64
import contextlib
import functools
import io
import shutil

import numpy as np
import pytest
import soundfile
from scipy.signal import correlate

import mmtutorial as mm
from mmtutorial.applications.speech._languages import LANGUAGES
from mmtutorial.applications.speech._level import level_wave
from mmtutorial.applications.speech.shipped import FILES, load_recognizer
from mmtutorial.preprocessing import read_audio

from .conftest import BROWSERS, HTML, ROOT, Visit

pytestmark = pytest.mark.browser
PAGE, FOLDER = "applications/2_speech", HTML / "speech-recognizer"
AXE = ROOT / ".cache" / "axe" / "axe.min.js"
SHIPPED = [code for code, files in LANGUAGES.items() if (FILES / files.recognizer).exists()]
RATE = 16_000
# How many letters may differ where Chromium changed the rate. Its filter takes 5 dB at 7 kHz. On
# fifty clips such a filter changed 5% of Python's own letters, with a deviation of 7% from clip to
# clip: this is four above. What is heard in two different lines differs in as many as there are.
CHANGED = 0.35
PIECE = 4000  # samples, a quarter of a second
HEAR = """async ([code, language]) => {
    const content = Uint8Array.from(atob(code), letter => letter.charCodeAt(0)).buffer;
    return (await window.mmHearSpeech(content, language)).text;
}"""
DEVICE = "--use-fake-device-for-media-stream"
ALLOWED, REFUSED = "--use-fake-ui-for-media-stream", "--deny-permission-prompts"
# Keep the samples that the browser makes of a recording.
KEEP = """(() => {
    const decode = OfflineAudioContext.prototype.decodeAudioData;
    OfflineAudioContext.prototype.decodeAudioData = async function (content) {
        const sound = await decode.call(this, content);
        let text = '';
        for (const byte of new Uint8Array(sound.getChannelData(0).slice().buffer))
            text += String.fromCharCode(byte);
        window.kept = btoa(text);
        return sound;
    };
})()"""
# Choose a file that would take long to get here from Python.
LARGE = """(() => {
    const entry = document.querySelector('.mm-speech input[type=file]'), held = new DataTransfer();
    held.items.add(new File([new Uint8Array(20000001)], 'mine.wav'));
    entry.files = held.files;
    entry.dispatchEvent(new Event('change'));
})()"""


@functools.cache
def recognizer(language):
    return load_recognizer(language)


def write(language, waves):
    """Return the letters that Python writes, by the best class of each step."""
    made = recognizer(language)
    return made.write([level_wave(wave, made.level) for wave in waves], beam_width=None)


@functools.cache
def unseen(language, count=50):
    """Return waves of levels that the recogniser has not heard."""
    clips = mm.data.load_dialogues(language=language).test.inputs["speech"]
    return [clips[int(row)] for row in np.random.default_rng(1).choice(len(clips), count, False)]


def wav(wave, rate=RATE, kind="FLOAT"):
    """Return a file's bytes; floats, because Chromium scales whole numbers in its own way."""
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format="WAV", subtype=kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def visit(browser, site):
    found = Visit(browser, site, PAGE)
    yield found
    found.tab.close()


@pytest.fixture
def opened(browser, site):
    """Return a function that opens the page in a context of its own, with what is to be missing."""
    with contextlib.ExitStack() as stack:

        def opening(script="", *, using=browser, address=f"{site}/{PAGE}.html", **options):
            context = using.new_context(**options)
            stack.callback(context.close)
            if script:
                context.add_init_script(script)
            tab = context.new_page()
            tab.goto(address, wait_until="load")
            return tab

        yield opening


@pytest.fixture
def with_microphone(browser, tmp_path):
    """Return a function that starts a browser whose microphone plays a wave, once."""
    with contextlib.ExitStack() as stack:

        def start(wave, may=ALLOWED):
            path = tmp_path / "said.wav"
            path.write_bytes(wav(wave, kind="PCM_16"))
            options = [DEVICE, may, f"--use-file-for-fake-audio-capture={path}%noloop"]
            started = browser.browser_type.launch(
                executable_path=next(filter(None, map(shutil.which, BROWSERS))),
                args=["--no-sandbox", "--disable-dev-shm-usage", *options],
            )
            stack.callback(started.close)
            return started

        yield start


def loaded(tab):
    """Return which files of the recogniser the page has fetched."""
    return tab.evaluate(
        "performance.getEntriesByType('resource').map(each => each.name)"
        ".filter(name => name.includes('/speech-recognizer/')).map(name => name.split('/').pop())"
    )


def said(tab):
    """Return what the status says: a sentence, and the letters."""
    return tab.locator(".mm-speech [role=status] p").all_text_contents()


def wait(tab):
    """Wait until the page has answered, or refused; return what it says."""
    tab.wait_for_function(
        "document.querySelector('.mm-speech button').disabled === false"
        " && document.querySelector('.mm-speech [role=status]').textContent"
    )
    return said(tab)


def choose(tab, content, name="said.wav"):
    """Choose a file, and return what the page says."""
    tab.locator(".mm-speech [role=status] p").first.evaluate("each => { each.textContent = '' }")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    with tab.expect_file_chooser() as chooser:
        tab.get_by_role("button", name="Choose a sound file").click()
    chooser.value.set_files(file)
    return wait(tab)


def switch(tab, language):
    """Choose a language, where there is more than one; its recordings alone are shown."""
    name = tab.locator(f".mm-speech section[data-language={language}]").get_attribute("data-name")
    if len(SHIPPED) > 1:
        tab.get_by_role("radio", name=name).check()
    shown = tab.locator(".mm-speech section:not([hidden])")
    assert shown.get_attribute("data-language") == language


def answers(tab, name):
    """Return a fact about each recording that is shown, such as what was heard."""
    shown = tab.locator(f".mm-speech section:not([hidden]) dt:text-is('{name}') + dd")
    return ["" if text == "nothing" else text for text in shown.all_text_contents()]


def test_before_its_first_use_no_engine_is_loaded(visit):
    """This test stands before all that use the recogniser."""
    assert loaded(visit.tab) == ["recognizer.js"]
    assert visit.tab.evaluate("typeof window.ort") == "undefined"
    assert "Nothing that you say or choose leaves your computer" in visit.tab.inner_text("main")


def test_what_the_first_use_loads_is_as_large_as_the_page_says(built):
    assert "MIT License" in (licence := (FOLDER / "LICENSE").read_text("utf-8"))
    assert "Microsoft" in licence
    assert {f"{language}.js" for language in SHIPPED} < {path.name for path in FOLDER.iterdir()}
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    models = max(sizes[f"{language}.js"] for language in SHIPPED)
    total = round((sizes["engine.js"] + sizes["ort.wasm.min.js"] + models) / 1e6)
    assert f"loads {total} MB" in (built / f"{PAGE}.html").read_text("utf-8")
    assert total < 10


@pytest.mark.parametrize("language", SHIPPED)
def test_fifty_clips_of_unseen_levels_are_written_letter_by_letter_as_in_python(visit, language):
    waves = unseen(language)
    expected = write(language, waves)
    heard = [
        visit.tab.evaluate(HEAR, [base64.b64encode(wav(wave)).decode(), language]) for wave in waves
    ]
    assert heard == expected
    assert len(set(expected)) > 40


def test_all_of_it_comes_from_here_and_nothing_fails(visit):
    assert {"engine.js", "ort.wasm.min.js", "cs.js"} <= set(loaded(visit.tab))
    assert visit.foreign == []
    assert visit.errors == []


@pytest.mark.parametrize("language", SHIPPED)
def test_a_chosen_file_is_read_in_the_language_that_is_chosen(visit, language):
    switch(visit.tab, language)
    wave = unseen(language)[0]
    sentence, letters = choose(visit.tab, wav(wave))
    assert sentence.startswith(f"Heard in {len(wave) / RATE:.1f} seconds of sound, ")
    assert letters == write(language, [wave])[0].strip()
    heard = visit.tab.locator(".mm-speech [role=status] p").nth(1)
    assert heard.get_attribute("lang") == language


def test_two_channels_and_another_rate_are_read_too(visit):
    switch(visit.tab, SHIPPED[0])
    wave = unseen(SHIPPED[0])[0]
    expected = write(SHIPPED[0], [wave])[0].strip()
    assert choose(visit.tab, wav(np.stack([2 * wave, 0 * wave], axis=1)))[1] == expected
    fast = mm.preprocessing.resample_audio(wave, RATE, to=48_000)
    assert mm.evaluation.cer([choose(visit.tab, wav(fast, 48_000))[1]], [expected]) < CHANGED


def test_a_soft_recording_that_is_off_centre_is_read_too(visit):
    switch(visit.tab, SHIPPED[0])
    wave = unseen(SHIPPED[0])[0]
    expected = write(SHIPPED[0], [wave])[0].strip()
    assert choose(visit.tab, wav(0.01 * wave + np.float32(0.2)))[1] == expected


def test_what_cannot_be_read_is_said_in_a_sentence(visit):
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 31 * RATE).astype(np.float32)
    refused = {
        "is silent: was the microphone on?": wav(np.zeros(RATE, np.float32)),
        "lasts 31.0 seconds, more than 30: cut it.": wav(noise),
        "holds no sound that this browser can decode; try a WAV or an MP3 file.": b"no sound",
    }
    for reason, content in refused.items():
        assert choose(visit.tab, content, "mine.wav") == [f"mine.wav {reason}", ""]
    visit.tab.evaluate(LARGE)
    assert wait(visit.tab) == ["mine.wav is larger than 20 MB: cut it.", ""]
    for empty in (b"", wav(np.zeros(0, np.float32))):
        assert "mine.wav holds no sound" in choose(visit.tab, empty, "mine.wav")[0]
    assert visit.errors == []
    assert "Heard in" in choose(visit.tab, wav(unseen(SHIPPED[0])[0]))[0], "and it goes on"


@pytest.mark.parametrize("language", SHIPPED)
def test_each_recording_is_heard_here_as_in_python(visit, language):
    switch(visit.tab, language)
    section = visit.tab.locator(".mm-speech section:not([hidden])")
    stored = answers(visit.tab, "Heard in Python")
    assert len(stored) == 6
    for number in range(1, 7):
        section.get_by_role("button", name=f"Recognise recording {number}").click()
        wait(visit.tab)
    assert answers(visit.tab, "Heard here") == stored
    assert len(answers(visit.tab, "Said")) == len(answers(visit.tab, "In English")) == 6


@pytest.mark.parametrize("language", SHIPPED)
def test_each_recording_plays_and_python_hears_in_it_what_is_stored(visit, language):
    switch(visit.tab, language)
    section = visit.tab.locator(".mm-speech section:not([hidden])")
    sources = section.locator("audio").evaluate_all("all => all.map(each => each.src)")
    sounds = [read_audio(base64.b64decode(source.split(",")[1])) for source in sources]
    heard = [text.strip() for text in write(language, sounds)]
    assert heard == answers(visit.tab, "Heard in Python")
    seconds = section.locator("audio").evaluate_all("all => all.map(each => each.duration)")
    assert seconds == pytest.approx([len(sound) / RATE for sound in sounds], abs=0.1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_while_an_answer_is_shown(visit, theme):
    visit.theme(theme)
    visit.tab.add_script_tag(path=AXE)
    found = visit.tab.evaluate("axe.run('.mm-speech', {resultTypes: ['violations']})")
    visit.theme("light")
    broken = {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found["violations"]}
    assert broken == {}


def test_it_fits_a_small_phone(visit):
    visit.tab.set_viewport_size({"width": 320, "height": 600})
    rights = visit.tab.evaluate(
        "[...document.querySelectorAll('.mm-speech, .mm-speech *')]"
        ".map(each => each.getBoundingClientRect().right)"
    )
    width = visit.tab.evaluate("document.documentElement.scrollWidth")
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    assert max(rights) <= 320
    assert width <= 320


def test_a_page_opened_from_a_folder_hears_too(opened, built):
    tab = opened(address=(HTML / f"{PAGE}.html").as_uri())
    wave = unseen(SHIPPED[0])[0]
    assert choose(tab, wav(wave))[1] == write(SHIPPED[0], [wave])[0].strip()


# The microphone


def place_as_heard(wave, samples):
    """Return what was played as it was recorded: each piece where it fits best, silence around.

    A busy machine loses some hundredths of a second between two pieces, so there is no one lag.
    """
    played, found = np.pad(wave, PIECE), np.zeros_like(samples)
    for start in range(0, len(samples), PIECE):
        piece = samples[start : start + PIECE]
        energy = np.convolve(played**2, np.ones(len(piece)), mode="valid")
        lag = np.argmin(energy - 2 * correlate(played, piece, mode="valid", method="fft"))
        found[start : start + PIECE] = played[lag : lag + len(piece)]
    return found


def test_the_keyboard_alone_records_and_python_writes_the_same(opened, with_microphone):
    """Letters are equal on the very samples that the browser made of what it recorded.

    They are not quite those that were played: see `CHANGED`. The place in time is made the same,
    for each step of the recogniser stands for 20 ms, and what is between two counts. Most pieces
    with speech in them fit well; those in which some was lost on the way do not.
    """
    language, pause = SHIPPED[0], np.zeros(RATE, np.float32)
    wave = np.concatenate([pause, unseen(language)[0], pause])
    tab = opened(KEEP, using=with_microphone(wave))
    tab.get_by_role("button", name="Record", exact=True).focus()
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.activeElement.textContent === 'Stop'")
    assert said(tab)[0] == "Recording, at most 30 seconds. Press Stop when you have said it."
    tab.wait_for_timeout(1000 * len(wave) / RATE)
    assert f"{language}.js" in loaded(tab), "it loads while the reader speaks"
    tab.keyboard.press("Enter")
    sentence, letters = wait(tab)
    assert sentence.startswith("Heard in ")
    assert tab.evaluate("document.activeElement.textContent") == "Record"
    samples = np.frombuffer(base64.b64decode(tab.evaluate("window.kept")), "<f4")
    assert letters == write(language, [samples.clip(-1, 1)])[0].strip()
    placed = place_as_heard(wave, samples)
    whole = range(0, len(samples) - PIECE + 1, PIECE)
    pairs = [(samples[i : i + PIECE], placed[i : i + PIECE]) for i in whole]
    fits = [np.corrcoef(pair)[0, 1] for pair in pairs if min(map(np.std, pair)) > 0.01]
    assert len(fits) > 4
    assert np.median(fits) > 0.95
    assert mm.evaluation.cer([letters], [write(language, [placed])[0].strip()]) < CHANGED


def test_a_silent_microphone_is_said(opened, with_microphone):
    tab = opened(using=with_microphone(np.zeros(RATE, np.float32)))
    tab.get_by_role("button", name="Record", exact=True).click()
    tab.wait_for_function("document.activeElement.textContent === 'Stop'")
    tab.wait_for_timeout(500)
    tab.get_by_role("button", name="Stop").click()
    assert wait(tab) == ["The recording is silent: was the microphone on?", ""]


THROW = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '%s') }"


def record_in_vain(tab):
    """Press Record; return what is said instead."""
    tab.get_by_role("button", name="Record", exact=True).click()
    sentence, letters = wait(tab)
    assert letters == ""
    assert tab.get_by_role("button", name="Stop").is_disabled()
    return sentence


def test_a_microphone_that_the_reader_refuses_is_said(opened, with_microphone):
    tab = opened(using=with_microphone(np.zeros(RATE, np.float32), may=REFUSED))
    expected = "The microphone was not allowed: allow it for this page, or choose a sound file."
    assert record_in_vain(tab) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (THROW % "NotFoundError", "No microphone was found"),
        (THROW % "NotReadableError", "The microphone cannot be used"),
        ("delete Navigator.prototype.mediaDevices", "A microphone can be used only over https"),
    ],
)
def test_without_a_microphone_a_file_is_offered(opened, script, expected):
    sentence = record_in_vain(opened(script))
    assert sentence.startswith(expected)
    assert sentence.endswith(": choose a sound file instead.")


# What a browser lacks


@pytest.mark.parametrize("lacking", ["WebAssembly", "DecompressionStream"])
def test_a_browser_that_cannot_run_it_shows_the_stored_answers(opened, lacking):
    tab = opened(f"delete window.{lacking}")
    assert said(tab)[0] == (
        f"This browser cannot run the recogniser here (no {lacking}). "
        "Below stand the answers that were computed in Python."
    )
    assert len(answers(tab, "Heard in Python")) == 6
    assert tab.locator(".mm-speech button").count() == 0
    assert loaded(tab) == ["recognizer.js"]


def test_an_engine_that_does_not_start_is_said_and_tried_again(opened):
    tab = opened()
    tab.route("**/engine.js", lambda route: route.abort())
    tab.get_by_role("button", name="Recognise recording 1").first.click()
    sentence, letters = wait(tab)
    assert sentence.startswith("This browser cannot run the recogniser here (engine.js could not")
    assert sentence.endswith("Below stand the answers that were computed in Python.")
    assert letters == ""
    tab.unroute("**/engine.js")
    tab.get_by_role("button", name="Recognise recording 1").first.click()
    tab.wait_for_function("document.querySelector('.mm-speech').dataset.ready")
    assert answers(tab, "Heard here") == answers(tab, "Heard in Python")[:1]


def test_without_a_script_the_page_still_shows_the_stored_answers(opened):
    tab = opened(java_script_enabled=False)
    assert "Without JavaScript, this page cannot listen." in tab.inner_text("#speech-recognizer")
    assert tab.locator(".mm-speech li").count() == 6 * len(SHIPPED)
    assert tab.locator(".mm-speech button").count() == 0
