/* The speech recogniser in a page: a reader speaks or chooses a sound, and reads what was heard.
   The engine (ONNX Runtime Web, compiled to WebAssembly) and the model of a language are loaded when
   they are first used. They come as scripts, not by fetch(), so that all this also works where the
   page was opened from a folder. */
(() => {
  "use strict";
  const HERE = document.currentScript.src.replace(/[^/]*$/, "");
  const RATE = 16000, LONGEST = 30, SILENT = 1e-3, LARGEST = 20e6;  // hertz, seconds, of 1, bytes
  const HOP = 0.1, GATE = 0.1;  // seconds of a frame whose power is measured; of the mean power
  const LACKING = "This browser cannot run the recogniser here";
  const INSTEAD = "Below stand the answers that were computed in Python.";
  const RECORDER = `registerProcessor("mm-recorder", class extends AudioWorkletProcessor {
    process([input]) {
      if (input.length) this.port.postMessage(input[0].slice());
      return true;
    }
  });`;
  const STYLE = `
    .mm-speech { border: 1px solid var(--mm-line, #767676); border-radius: 8px; padding: .8em 1em;
      margin-bottom: 1em; }
    .mm-speech button { font: inherit; padding: .3em .9em; margin: 0 .4em .4em 0; border-radius: 6px;
      border: 1px solid #767676; background: var(--pst-color-background, #fff);
      color: var(--pst-color-text-base, #1a1a1a); cursor: pointer; }
    .mm-speech button:disabled { opacity: .55; cursor: default; }
    .mm-speech :is(button, input, audio):focus-visible { outline: 3px solid #0072b2; outline-offset: 2px; }
    .mm-speech fieldset { border: 0; padding: 0; margin: 0 0 .5em; }
    .mm-speech legend { float: left; font: inherit; font-weight: 600; width: auto; margin: 0 .8em 0 0; }
    .mm-speech fieldset label { margin-right: 1em; }
    .mm-speech [role=status] p { min-height: 1.6em; margin: .3em 0; }
    .mm-speech [role=status] p + p { min-height: 1.9em; margin-bottom: .8em; font-size: 1.15rem;
      font-weight: 600; }
    .mm-speech ol { padding-left: 1.4em; }
    .mm-speech li { margin-bottom: 1.2em; }
    .mm-speech audio { display: block; width: min(100%, 22rem); height: 2.4rem; }
    .mm-speech dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .8em; margin: .3em 0; }
    .mm-speech :is(dt, dd) { margin: 0; }
    @media (max-width: 30rem) { .mm-speech dl { grid-template-columns: 1fr; } }`;

  // --- Bytes and letters ------------------------------------------------------------------------

  function bytes(code) {
    return Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0));
  }

  function unpack(code) {
    const packed = new Blob([bytes(code)]).stream();
    return new Response(packed.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  /* The best class of each step, without repetitions, then without blanks (class 0). */
  function spell(logits, steps, letters) {
    const classes = logits.length / steps, alphabet = [...letters];
    let text = "", last = 0;
    for (let step = 0; step < steps; step++) {
      let best = 0;
      for (let i = 1; i < classes; i++)
        if (logits[step * classes + i] > logits[step * classes + best]) best = i;
      if (best && best !== last) text += alphabet[best - 1];
      last = best;
    }
    return text;
  }

  function meanOf(numbers) {
    return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  }

  /* As loud as the training lines, with a mean of 0: measure_level() and bring() of Python. */
  function setLevel(wave, level) {
    const hop = Math.min(wave.length, Math.round(HOP * RATE)), powers = [];
    for (let start = 0; start + hop <= wave.length; start += hop) {
      const frame = wave.subarray(start, start + hop), mean = meanOf(frame);
      powers.push(meanOf(Float64Array.from(frame, (sample) => (sample - mean) ** 2)));
    }
    const gate = GATE * meanOf(powers), mean = meanOf(wave);
    const gain = level / Math.max(Math.sqrt(meanOf(powers.filter((each) => each >= gate))), 1e-9);
    return wave.map((sample) => Math.max(-1, Math.min(1, (sample - mean) * gain)));
  }

  /* A WAV file of 32-bit floats, one channel: what was recorded takes the same way as a file. */
  function writeWav(wave, rate) {
    const view = new DataView(new ArrayBuffer(44 + 4 * wave.length));
    const text = (place, word) => [...word].forEach((c, i) => view.setUint8(place + i, c.charCodeAt(0)));
    const number = (place, value, size) => view[`setUint${8 * size}`](place, value, true);
    text(0, "RIFF");
    number(4, 36 + 4 * wave.length, 4);
    text(8, "WAVEfmt ");
    number(16, 16, 4);
    number(20, 3, 2);  // floats
    number(22, 1, 2);  // channel
    number(24, rate, 4);
    number(28, 4 * rate, 4);
    number(32, 4, 2);
    number(34, 32, 2);
    text(36, "data");
    number(40, 4 * wave.length, 4);
    wave.forEach((sample, i) => view.setFloat32(44 + 4 * i, sample, true));
    return view.buffer;
  }

  // --- What is loaded when it is used ----------------------------------------------------------

  const parts = new Map();  // name -> a promise of what its script hands over
  const waiting = new Map();
  window.mmSpeechPart = (name, part) => waiting.get(name)(part);

  function loadScript(file) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = HERE + file;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${file} could not be loaded`));
      document.head.append(script);
    });
  }

  /* Do something once; after a failure, again when it is next asked for. */
  function once(name, make) {
    if (!parts.has(name)) {
      parts.set(name, make());
      parts.get(name).catch(() => parts.delete(name));
    }
    return parts.get(name);
  }

  async function loadPart(name) {
    const part = new Promise((resolve) => waiting.set(name, resolve));
    await loadScript(`${name}.js`);
    return part;
  }

  async function startEngine() {
    const [{ glue, binary }] = await Promise.all([loadPart("engine"), loadScript("ort.wasm.min.js")]);
    const wasm = window.ort.env.wasm;
    wasm.wasmBinary = await unpack(binary);
    wasm.wasmPaths = { mjs: URL.createObjectURL(new Blob([glue], { type: "text/javascript" })) };
    wasm.numThreads = 1;
    window.ort.env.logLevel = "error";
    return window.ort;
  }

  async function startModel(language) {
    const [ort, { letters, level, graph }] =
      await Promise.all([once("engine", startEngine), loadPart(language)]);
    const session = await ort.InferenceSession.create(await unpack(graph), { executionProviders: ["wasm"] });
    return async (wave) => {
      const samples = setLevel(wave, level);
      const { logits } = await session.run({ wave: new ort.Tensor("float32", samples, [1, wave.length]) });
      return spell(logits.data, logits.dims[0], letters);
    };
  }

  // --- From a file's bytes to what is heard ----------------------------------------------------

  class Refusal extends Error {}  // its message is for the reader

  /* The samples of a file: one channel, 16,000 a second. */
  async function decode(content, name) {
    let sound;
    try {
      sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(content);
    } catch {
      throw new Refusal(`${name} holds no sound that this browser can decode; try a WAV or an MP3 file.`);
    }
    if (sound.duration > LONGEST) {
      const lasts = sound.duration.toFixed(1);
      throw new Refusal(`${name} lasts ${lasts} seconds, more than ${LONGEST}: cut it.`);
    }
    const wave = new Float32Array(sound.length);
    for (let channel = 0; channel < sound.numberOfChannels; channel++)
      sound.getChannelData(channel).forEach((sample, i) => { wave[i] += sample / sound.numberOfChannels; });
    if (!wave.length) throw new Refusal(`${name} holds no sound.`);
    const mean = meanOf(wave);
    if (wave.every((sample) => Math.abs(sample - mean) < SILENT))
      throw new Refusal(`${name} is silent: was the microphone on?`);
    return wave.map((sample) => Math.max(-1, Math.min(1, sample)));
  }

  async function hear(content, language, name = "The file") {
    const wave = await decode(content, name);
    const model = await once(language, () => startModel(language));
    const began = performance.now();
    const text = await model(wave);
    return { text, seconds: wave.length / RATE, took: (performance.now() - began) / 1000 };
  }

  // --- The microphone --------------------------------------------------------------------------

  const REFUSED = {
    NotAllowedError: "The microphone was not allowed: allow it for this page, or choose a sound file.",
    NotFoundError: "No microphone was found: choose a sound file instead.",
  };

  /* Start to record; return a function that ends it and returns a file's bytes. */
  async function record() {
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode)
      throw new Refusal("A microphone can be used only over https or on your own computer: " +
        "choose a sound file instead.");
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
    } catch (error) {
      throw new Refusal(REFUSED[error.name] ||
        `The microphone cannot be used (${error.message || error.name}): choose a sound file instead.`);
    }
    const context = new AudioContext(), blocks = [];
    const address = URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" }));
    const release = () => {
      stream.getTracks().forEach((track) => track.stop());
      URL.revokeObjectURL(address);
      return context.close();
    };
    try {
      await context.audioWorklet.addModule(address);
      const node = new AudioWorkletNode(context, "mm-recorder",
        { channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = ({ data }) => blocks.push(data);
      context.createMediaStreamSource(stream).connect(node).connect(context.destination);
      await context.resume();
    } catch (error) {
      release();
      throw new Refusal(`The microphone cannot be used (${error.message || error.name}): choose a sound file instead.`);
    }
    return async () => {
      await release();
      const wave = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
      blocks.reduce((place, block) => (wave.set(block, place), place + block.length), 0);
      return writeWav(wave, context.sampleRate);
    };
  }

  // --- The box ---------------------------------------------------------------------------------

  function make(parent, tag, attributes = {}, text = "") {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  function button(parent, text, action) {
    const element = make(parent, "button", { type: "button" }, text);
    element.addEventListener("click", action);
    return element;
  }

  /* What a browser lacks, in words; nothing if all is there. */
  function lacking() {
    if (typeof WebAssembly !== "object") return "no WebAssembly";
    if (!window.OfflineAudioContext) return "no Web Audio";
    if (!window.DecompressionStream) return "no DecompressionStream";
    return "";
  }

  class Box {
    constructor(box) {
      this.box = box;
      this.sections = [...box.querySelectorAll("section")];
      this.language = this.sections[0].dataset.language;
      const panel = document.createElement("div");
      this.sections[0].before(panel);
      const lacks = lacking();
      if (!lacks) this.addControls(panel);
      const status = make(panel, "div", { role: "status" });
      this.status = make(status, "p");
      if (lacks) this.say(`${LACKING} (${lacks}). ${INSTEAD}`);
      else this.heard = make(status, "p");
      if (this.sections.length > 1) this.addLanguages(panel);
    }

    addLanguages(panel) {
      const field = document.createElement("fieldset");
      panel.prepend(field);
      make(field, "legend", {}, "Language");
      for (const { dataset } of this.sections) {
        const label = make(field, "label");
        const entry = make(label, "input", { type: "radio", name: "mm-speech-language", value: dataset.language });
        label.append(` ${dataset.name}`);
        entry.checked = dataset.language === this.language;
        entry.addEventListener("change", () => this.choose(dataset.language));
      }
      this.choose(this.language);
    }

    choose(language) {
      this.language = language;
      for (const section of this.sections) section.hidden = section.dataset.language !== language;
    }

    addControls(panel) {
      this.start = button(panel, "Record", () => this.record());
      this.stop = button(panel, "Stop", () => this.finish());
      this.stop.disabled = true;
      const file = make(panel, "input", { type: "file", accept: "audio/*", hidden: "" });
      this.file = button(panel, "Choose a sound file", () => file.click());
      file.addEventListener("change", () => {
        if (file.files.length) this.read(file.files[0]);
        file.value = "";  // so that the same one can be chosen again
      });
      this.tries = [...this.box.querySelectorAll("li")].map((item) => {
        const number = 1 + [...item.parentNode.children].indexOf(item);
        const mine = button(item, `Recognise recording ${number}`, () => this.tryExample(item, mine));
        return mine;
      });
    }

    say(words) {
      this.status.textContent = words;
    }

    setBusy(busy) {
      for (const each of [this.start, this.file, ...this.tries]) each.disabled = busy;
    }

    /* Do something that takes a while; what is refused is said. Then the focus goes back. */
    async work(action, focused) {
      this.setBusy(true);
      this.heard.textContent = "";
      try {
        await action();
      } catch (error) {
        this.say(error instanceof Refusal ? error.message : `${LACKING} (${error.message}). ${INSTEAD}`);
      }
      this.setBusy(Boolean(this.recording));
      const { activeElement: active } = document;
      if (!this.recording && (active === document.body || active.disabled)) focused.focus();
    }

    /* Say what is heard in a file's bytes, and return it. */
    async answer(content, name, language) {
      this.say(this.box.dataset.ready ? "Listening …" : "Loading the recogniser …");
      const { text: letters, seconds, took } = await hear(content, language, name);
      const text = letters.trim();
      this.box.dataset.ready = "true";
      const times = `${seconds.toFixed(1)} seconds of sound, ${took.toFixed(2)} of computing`;
      this.say(text ? `Heard in ${times}:` : `No letter was heard in ${times}.`);
      this.heard.lang = language;
      this.heard.textContent = text;
      return text;
    }

    read(file) {
      return this.work(async () => {
        if (file.size > LARGEST) throw new Refusal(`${file.name} is larger than ${LARGEST / 1e6} MB: cut it.`);
        await this.answer(await file.arrayBuffer(), file.name, this.language);
      }, this.file);
    }

    tryExample(item, pressed) {
      const [, code] = item.querySelector("audio").src.split(",");
      const { language } = item.closest("section").dataset, list = item.querySelector("dl");
      return this.work(async () => {
        const text = await this.answer(bytes(code).buffer, "The recording", language);
        if (!item.heard) {
          make(list, "dt", {}, "Heard here");
          item.heard = make(list, "dd", { lang: language });
        }
        item.heard.textContent = text || "nothing";
      }, pressed);
    }

    record() {
      return this.work(async () => {
        this.say("Waiting for the microphone …");
        this.recording = await record();
        once(this.language, () => startModel(this.language)).catch(() => {});  // while the reader speaks
        this.timer = setTimeout(() => this.finish(), 1000 * (LONGEST - 0.5));
        this.stop.disabled = false;
        this.stop.focus();
        this.say(`Recording, at most ${LONGEST} seconds. Press Stop when you have said it.`);
      }, this.start);
    }

    finish() {
      const { recording } = this;
      clearTimeout(this.timer);
      this.recording = undefined;
      this.stop.disabled = true;
      return this.work(async () => this.answer(await recording(), "The recording", this.language), this.start);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const boxes = document.querySelectorAll(".mm-speech");
    if (boxes.length) make(document.head, "style", {}, STYLE);
    boxes.forEach((box) => new Box(box));
    window.mmHearSpeech = hear;  // what the browser tests compare with Python
  });
})();
