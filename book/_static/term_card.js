/* A link to the glossary says on a card what its term means: to a pointer that rests on it, and to the
   keyboard. It is the text of its `title`, which gives way meanwhile, or a browser would show both. */
const termCard = Object.assign(document.createElement("div"), { id: "term-card", className: "term-card" });
const termEdge = 8; // pixels between the card and the window, and the link
const termPatience = 200; // milliseconds: to open, and to come from the link over to the card
let termLink = null;
let termLater;

function findTermLink(target) {
  const link = target.closest?.("a");
  return link?.querySelector(".std-term") && link;
}

/* The card stands below the line of the link that the pointer is on, or above it. */
function placeTermCard(x) {
  const lines = [...termLink.getClientRects()];
  const line = lines.find((one) => x >= one.left && x <= one.right) ?? lines[0];
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.min(line.left, clientWidth - termCard.offsetWidth - termEdge);
  const above = line.bottom + termEdge + termCard.offsetHeight > clientHeight && line.top > termCard.offsetHeight + termEdge;
  const top = above ? line.top - termCard.offsetHeight - termEdge / 2 : line.bottom + termEdge / 2;
  termCard.style.left = `${Math.max(termEdge, left) + scrollX}px`;
  termCard.style.top = `${top + scrollY}px`;
}

function hideTermCard() {
  clearTimeout(termLater);
  if (!termLink) return;
  termLink.title = termCard.textContent;
  termLink.removeAttribute("aria-describedby");
  termCard.hidden = true;
  termLink = null;
}

function showTermCard(link, x) {
  clearTimeout(termLater);
  if (link === termLink || !link.title) return;
  hideTermCard();
  const [term] = link.title.split(": ", 1);
  termCard.replaceChildren(document.createElement("b"), link.title.slice(term.length));
  termCard.firstChild.textContent = term;
  termLink = link;
  link.removeAttribute("title");
  link.setAttribute("aria-describedby", termCard.id);
  termCard.hidden = false;
  placeTermCard(x);
}

function laterTermCard(act) {
  clearTimeout(termLater);
  termLater = setTimeout(act, termPatience);
}

document.addEventListener("DOMContentLoaded", () => {
  if (!document.querySelector("a > .std-term")) return;
  termCard.setAttribute("role", "tooltip");
  termCard.hidden = true;
  document.body.append(termCard);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return; // a tap follows the link
    const link = findTermLink(event.target);
    if (link) laterTermCard(() => showTermCard(link, event.clientX));
    if (termCard.contains(event.target)) clearTimeout(termLater);
  });
  document.addEventListener("pointerout", (event) => {
    if (!findTermLink(event.target) && !termCard.contains(event.target)) return;
    laterTermCard(() => termLink?.matches(":focus-visible") || hideTermCard());
  });
  document.addEventListener("focusin", (event) => {
    const link = findTermLink(event.target);
    if (link?.matches(":focus-visible")) showTermCard(link);
  });
  document.addEventListener("focusout", (event) => event.target === termLink && hideTermCard());
  document.addEventListener("click", (event) => termCard.contains(event.target) || hideTermCard());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hideTermCard());
});
