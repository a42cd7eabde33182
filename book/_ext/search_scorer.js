/* How the search ranks: chapters first, then the pages at their beginning and end, then the reference,
   whose names hold nearly every word. */
const SHARES = [[/^appendix\/api/, 0.3], [/^appendix\/bibliography/, 0.3], [/^appendix\//, 1], [/^start\//, 1.6]];

var Scorer = {
  score: ([page, , , , score]) => score * (SHARES.find(([pages]) => pages.test(page)) ?? [0, 1.5])[1],
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
