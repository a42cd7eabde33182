/* How the search ranks: what the glossary says of a term, then chapters, then the other pages, last the
   reference, whose names hold nearly every word. A term of the glossary is shown by its name. */
const SHARES = [[/^appendix\/(api|bibliography)/, 0.15], [/^appendix\//, 0.6], [/^start\//, 1.6]];

function scoreResult(result) {
  const [page, , anchor, , score] = result;
  const term = /^#term-(?=.*[a-z])(.+)/.exec(anchor);
  if (term) result[1] = `${term[1].replaceAll("-", " ")} (glossary)`;
  return score * (SHARES.find(([pages]) => pages.test(page)) ?? [0, 1.5])[1];
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
