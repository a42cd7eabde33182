/* How the search ranks: what the glossary says of a term, then chapters, then the other pages, last the
   reference, whose names hold nearly every word. A page whose keywords were asked for comes before all
   pages, and one whose title was, before its like.
   A term of the glossary is shown by its name. Before this, book_search.py writes `searchKeywords`, for
   each page its keywords, `searchCapitals`, the terms that are not all in small letters, and `searchTwins`,
   which leads from the anchor of a name to that of the same term's first name. */
const SHARES = [[/^appendix\/(api|bibliography)/, 0.15], [/^appendix\//, 0.6], [/^start\//, 1.6]];
const GLOSSARY = "appendix/glossary";
const KEYWORD = 40;
const TITLE = 2;
const QUESTION = /^what(?:'s| is| are|)(?: an?| the|) +(.+?)\s*\?*$/i;

/* "What is late fusion?" and "cross attention" ask for terms of the glossary. */
let searchWords = new Set();
let searchTerm;
const parseQuery = Search._parseQuery;
Search._parseQuery = (query) => {
  const asked = (QUESTION.exec(query.trim())?.[1] ?? query.trim()).toLowerCase();
  const terms = [asked, asked.replaceAll(" ", "-")];
  searchTerm = terms.find((one) => Object.hasOwn(Search._index.indexentries, one));
  const parsed = parseQuery(searchTerm ?? query);
  searchWords = parsed[1];
  return parsed;
};

let termNames;
function readTermNames() {
  const { docnames, indexentries } = Search._index;
  const page = docnames.indexOf(GLOSSARY);
  const capitals = new Map(searchCapitals.map((name) => [name.toLowerCase(), name]));
  return new Map(Object.entries(indexentries).flatMap(([entry, places]) => places
    .filter((place) => place[0] === page)
    .map((place) => [`#${place[1]}`, capitals.get(entry) ?? entry])));
}

const stemOf = (word) => new Stemmer().stemWord(word.toLowerCase());
const isAsked = (keyword) => keyword.split(" ").every((word) => searchWords.has(stemOf(word)));

function scoreResult(result) {
  if (result[0] === GLOSSARY) result[2] = searchTwins[result[2]] ?? result[2]; // of two alike, one is shown
  const [page, title, anchor, , score] = result;
  const share = (SHARES.find(([pages]) => pages.test(page)) ?? [0, 1.5])[1];
  if (anchor) {
    termNames ??= readTermNames();
    if (page === GLOSSARY && termNames.has(anchor)) result[1] = `${termNames.get(anchor)} (glossary)`;
    const exact = page === GLOSSARY && termNames.get(anchor)?.toLowerCase() === searchTerm;
    return score * share + (exact ? KEYWORD : 0);
  }
  [result[1]] = title.split(" > "); // the title again, found as a heading
  const asked = (searchKeywords[page] ?? []).filter(isAsked);
  const most = Math.max(0, ...asked.map((keyword) => keyword.split(" ").length));
  const named = title.split(/\W+/).filter((word) => searchWords.has(stemOf(word)));
  return (score + TITLE * named.length) * share + KEYWORD * most;
}

var Scorer = {
  score: scoreResult,
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
