/* The search box of the chapter on retrieval: a reader's own words find emoji, without a server.
   It reads a query and computes as mmtutorial/chapters/cross_modal/retrieval does (query.py,
   box.py). Its data, some 1.7 MB, are fetched when the box is first used. */
(() => {
  "use strict";
  const HERE = document.currentScript.src.replace(/[^/]*$/, "");
  const FOUND = 10, PHRASE = 4, RUN = 8, ALIKE = 0.5;
  const STOP = new Set(("a an and are at for i in is it its me my of on or some something that the " +
    "this to with you your 的 了 和 在 是 着 个 只 一 吗 我 你 它 有").split(" "));
  const CHINESE = /([\u3400-\u9fff]+)/;
  const EDGES = " .,;:!?。，、；：！？…\"'“”‘’()（）[]{}<>《》~～";
  const STYLE = `
    .mm-search { padding: 0 6px; } /* room for the ring around what has the focus */
    .mm-search input { font: inherit; padding: .4em .6em; width: min(100%, 24rem); border-radius: 6px;
      border: 1px solid #767676; background: var(--pst-color-background, #fff);
      color: var(--pst-color-text-base, #1a1a1a); }
    .mm-search label { display: block; font-weight: 600; margin-bottom: .25em; }
    .mm-search button { font: inherit; font-size: .9em; padding: .2em .7em; margin: .4em .4em 0 0;
      border-radius: 1em; border: 1px solid #767676; background: none; color: inherit; cursor: pointer; }
    .mm-search ol { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; padding: 0;
      margin: .5em 0; min-height: 7em; }
    .mm-search li { width: 72px; text-align: center; font-size: .75rem; line-height: 1.2; margin: 0; }
    .mm-search li > span:first-child { display: block; width: 64px; height: 64px; margin: 0 auto 2px;
      border-radius: 6px; background-color: #fff; }
    .mm-search input:focus-visible, .mm-search button:focus-visible { outline-offset: 2px;
      outline: 3px solid #0072b2; }
    .mm-search [role=status] { min-height: 1.6em; margin: .5em 0; }`;

  function normalizeText(text) {
    return text.normalize("NFKC").toLowerCase().trim().split(/\s+/).join(" ");
  }

  function strip(token) {
    let start = 0, end = token.length;
    while (start < end && EDGES.includes(token[start])) start++;
    while (end > start && EDGES.includes(token[end - 1])) end--;
    return token.slice(start, end);
  }

  function trigrams(word) {
    const marked = [...`#${word}#`], found = new Set();
    for (let i = 0; i + 2 < marked.length; i++) found.add(marked.slice(i, i + 3).join(""));
    return found;
  }

  /* Cut queries into known words; what is unknown falls back to the known word most like it. */
  class QueryParser {
    constructor(words) {
      this.known = new Map();  // in one form -> the row of its vector
      words.forEach((word, row) => {
        const plain = normalizeText(word);
        if (!this.known.has(plain)) this.known.set(plain, row);
      });
      this.plain = [...this.known.keys()];
      this.pieces = new Map();
      this.holding = new Map();
      this.sizes = this.plain.map((plain, place) => {
        const found = trigrams(plain);
        for (const piece of found) {
          if (!this.pieces.has(piece)) this.pieces.set(piece, []);
          this.pieces.get(piece).push(place);
        }
        for (const character of plain) {
          const best = this.holding.get(character);
          if (best === undefined || plain.length < best.length) this.holding.set(character, plain);
        }
        return found.size;
      });
    }

    piece(typed, plain, exact) {
      return { typed, row: plain === undefined ? -1 : this.known.get(plain), exact };
    }

    parse(query) {
      const text = normalizeText(query);
      if (this.known.has(text)) return [this.piece(text, text, true)];
      let tokens = text.split(" ").flatMap((chunk) => chunk.split(CHINESE)).map(strip);
      tokens = tokens.filter((token) => token);
      const pieces = [];
      while (tokens.length) tokens = this.take(tokens, pieces);
      const telling = pieces.filter((piece) => !STOP.has(piece.typed));
      return telling.length ? telling : pieces;
    }

    take(tokens, pieces) {
      if (CHINESE.test(tokens[0])) {
        this.cut([...tokens[0]], pieces);
        return tokens.slice(1);
      }
      for (let count = Math.min(PHRASE, tokens.length); count > 0; count--) {
        const phrase = tokens.slice(0, count).join(" ");
        if (this.known.has(phrase)) {
          pieces.push(this.piece(phrase, phrase, true));
          return tokens.slice(count);
        }
      }
      pieces.push(this.piece(tokens[0], this.mostAlike(tokens[0]), false));
      return tokens.slice(1);
    }

    cut(run, pieces) {
      for (let start = 0; start < run.length;) {
        let size = Math.min(RUN, run.length - start);
        while (size > 1 && !this.known.has(run.slice(start, start + size).join(""))) size--;
        const word = run.slice(start, start + size).join("");
        const exact = this.known.has(word);
        pieces.push(this.piece(word, exact ? word : this.holding.get(word), exact));
        start += size;
      }
    }

    mostAlike(word) {
      const mine = trigrams(word), shared = new Map();
      for (const piece of mine)
        for (const place of this.pieces.get(piece) || []) shared.set(place, (shared.get(place) || 0) + 1);
      let best = ALIKE, found;
      for (const place of [...shared.keys()].sort((a, b) => a - b)) {
        const score = 2 * shared.get(place) / (mine.size + this.sizes[place]);
        if (score > best || (score === best && found === undefined)) {
          best = score;
          found = this.plain[place];
        }
      }
      return found;
    }
  }

  function bytes(code) {
    return Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0)).buffer;
  }

  class Searcher {
    constructor(data) {
      this.words = data.words.split("\n");
      this.parser = new QueryParser(this.words);
      this.names = data.names;
      this.columns = data.columns;
      for (const name of ["words", "hidden", "pictures"]) {
        this[`${name}Levels`] = new Int8Array(bytes(data.levels[name]));
        this[`${name}Step`] = new Float32Array(bytes(data.steps[name]));
      }
      this.bias = new Float32Array(bytes(data.bias));
    }

    /* A score for each picture: words -> hidden layer -> pictures. */
    scores(rows) {
      const rank = this.wordsStep.length, width = this.bias.length;
      const hidden = Float64Array.from(this.bias);
      for (let i = 0; i < rank; i++) {
        let mean = 0;
        for (const row of rows) mean += this.wordsLevels[row * rank + i];
        mean *= this.wordsStep[i] / rows.length;
        for (let j = 0; j < width; j++)
          hidden[j] += mean * this.hiddenLevels[i * width + j] * this.hiddenStep[j];
      }
      return Array.from(this.picturesStep, (step, picture) => {
        let sum = 0;
        for (let j = 0; j < width; j++)
          if (hidden[j] > 0) sum += hidden[j] * this.picturesLevels[picture * width + j];
        return sum * step;
      });
    }

    search(query, count) {
      const pieces = this.parser.parse(query);
      const rows = pieces.map((piece) => piece.row).filter((row) => row >= 0);
      if (!rows.length) return { pieces, found: [] };
      const scores = this.scores(rows);
      const order = scores.map((_, place) => place).sort((a, b) => scores[b] - scores[a] || a - b);
      return { pieces, found: order.slice(0, count) };
    }

    say(pieces) {
      const words = pieces.filter((piece) => piece.row >= 0).map((piece) => this.words[piece.row]);
      const said = words.length ? `Read as: ${words.join(", ")}.` : "No word of this is known.";
      const strange = pieces.filter((piece) => !piece.exact).map((piece) =>
        `“${piece.typed}”, ` + (piece.row < 0 ? "left out" : `taken for “${this.words[piece.row]}”`));
      return strange.length ? `${said} Not known: ${strange.join("; ")}.` : said;
    }
  }

  let loading;
  function load() {
    loading ||= new Promise((resolve, reject) => {
      // A script, not fetch(): it also works where the page was opened from a folder.
      window.mmEmojiSearch = (data) => resolve(new Searcher(data));
      const script = document.createElement("script");
      script.src = `${HERE}data.js`;
      script.onerror = () => reject(new Error("The data of the search could not be loaded."));
      document.head.append(script);
    });
    return loading;
  }

  function make(parent, tag, attributes = {}, text = "") {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  /* Chinese gets the right glyphs and the right voice. */
  function spoken(text) {
    return CHINESE.test(text) ? { lang: "zh-Hans" } : {};
  }

  function start(box, number) {
    const example = box.dataset.example, id = `mm-search-${number}`;
    const said = box.querySelector("[role=status]"), drawn = box.querySelector("ol");
    box.replaceChildren();  // what the page showed without a script comes back below
    const form = make(box, "form", { role: "search" });
    make(form, "label", { for: id }, "Your words, in English or Chinese");
    const entry = make(form, "input", { id, type: "search", autocomplete: "off", placeholder: "English or 中文" });
    entry.value = example;
    const tries = make(form, "div");
    for (const words of [example, "summer holiday", "花", "rocketship"])
      make(tries, "button", { type: "button", ...spoken(words) }, words).addEventListener("click", () => {
        entry.value = words;
        answer();
      });
    const status = make(box, "p", { role: "status" }), list = make(box, "ol", { "aria-label": "Found" });
    if (said && drawn) {
      status.textContent = said.textContent;
      list.append(...drawn.children);
    }

    async function answer() {
      const query = entry.value;
      if (!query.trim()) return show("", []);
      let searcher;
      try {
        if (!box.dataset.ready) status.textContent = "Loading …";
        searcher = await load();
        box.dataset.ready = "true";
      } catch (error) {
        return show(error.message, []);
      }
      if (query !== entry.value) return;  // typed on while it loaded
      const began = performance.now();
      const { pieces, found } = searcher.search(query, FOUND);
      box.dataset.milliseconds = (performance.now() - began).toFixed(2);
      const language = CHINESE.test(query) ? "zh" : "en";
      show(searcher.say(pieces), found.map((place) => [place, searcher.names[language][place]]),
        searcher.columns);
      box.dataset.found = found.join(" ");
      box.dataset.query = query;
    }

    function show(said, pictures, columns) {
      status.textContent = said;
      list.replaceChildren();
      for (const [place, name] of pictures) {
        const item = make(list, "li"), picture = make(item, "span");
        const left = -64 * (place % columns), top = -64 * Math.floor(place / columns);
        picture.style.background = `#fff url(${HERE}pictures.webp) ${left}px ${top}px`;
        make(item, "span", spoken(name), name);
      }
    }

    entry.addEventListener("focus", () => load().catch(() => {}), { once: true });
    entry.addEventListener("input", (event) => event.isComposing || answer());
    entry.addEventListener("compositionend", answer);  // a Chinese word, typed by its sound
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const boxes = document.querySelectorAll(".mm-search");
    if (boxes.length) make(document.head, "style", {}, STYLE);
    boxes.forEach(start);
    // What the browser tests compare with Python.
    window.mmSearchEmoji = async (query, count) => (await load()).search(query, count);
  });
})();
