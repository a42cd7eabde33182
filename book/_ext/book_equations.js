/* Draws formulas: reads a line of JSON for each, [TeX, whether it stands alone], and answers with a
   line of JSON, [HTML, {id: glyph} of the glyphs that are new]. Its argument is MathJax's folder. */
const readline = require("readline");

const options = {
  loader: { load: ["input/tex", "output/svg", "a11y/assistive-mml"] },
  svg: { fontCache: "global" },
};

require(`${process.argv[2]}/node-main.js`).init(options).then((MathJax) => {
  const adaptor = MathJax.startup.adaptor;
  const glyphs = MathJax.startup.document.outputJax.fontCache;
  const known = new Set();
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const [tex, display] = JSON.parse(line);
    const html = adaptor.outerHTML(MathJax.tex2svg(tex, { display }));
    const fresh = {};
    for (const glyph of adaptor.childNodes(glyphs.getCache())) {
      const id = adaptor.getAttribute(glyph, "id");
      if (!known.has(id)) fresh[id] = adaptor.outerHTML(glyph);
      known.add(id);
    }
    process.stdout.write(`${JSON.stringify([html, fresh])}\n`);
  });
}).catch((error) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
