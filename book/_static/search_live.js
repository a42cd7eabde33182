/* Results while one types: the theme asks `Search`, which a page has only once it is asked. Then the
   index comes, and what reads it, which define the real `Search`. */
const searchFiles = ["_static/searchtools.js", "_static/language_data.js", "searchindex.js"];

function loadScript(name) {
  return new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${document.documentElement.dataset.content_root}${name}`;
    script.onload = done;
    document.head.append(script);
  });
}

let searchReady;
let searchLast;
window.Search ??= {
  async performSearch(query) {
    searchLast = query;
    searchReady ??= searchFiles.reduce((before, name) => before.then(() => loadScript(name)), Promise.resolve());
    await searchReady;
    // By its bare name: the script declares it, which hides the property of the window.
    if (query === searchLast) Search.performSearch(query);
  },
};
