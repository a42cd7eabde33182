/* The arrow that opens a page's subpages in the side bar has no name: give it its page's. */
function nameToggle(toggle) {
  const page = toggle.parentElement.parentElement.querySelector("a");
  if (page) toggle.setAttribute("aria-label", `Pages under ${page.textContent.trim()}`);
}

/* jupyterquiz draws its questions with radio buttons that answer to the keyboard, but says so to
   nobody. Name each group after its question and let screen readers announce the feedback. */
function nameQuiz(quiz) {
  const answers = quiz.querySelector(".Answer");
  const question = quiz.querySelector("[id^=quizQn]");
  const feedback = quiz.querySelector(".Feedback");
  if (!answers || !question || !feedback) return;
  answers.setAttribute("role", "radiogroup");
  answers.setAttribute("aria-labelledby", question.id);
  feedback.setAttribute("role", "status");
}

/* A button that folds a box says so of each box in the same words: let it say of which one. */
function nameFold(button) {
  const title = [...button.parentElement.childNodes].filter((piece) => piece !== button);
  const does = button.getAttribute("aria-expanded") === "true" ? "Hide" : "Show";
  button.setAttribute("aria-label", `${does}: ${title.map((piece) => piece.textContent).join("").trim()}`);
}

/* An equation that is wider than its box scrolls: then the keyboard must reach it. */
function reachEquation(equation) {
  if (equation.scrollWidth > equation.clientWidth) equation.tabIndex = 0;
  else equation.removeAttribute("tabindex");
}

/* A link to a table that is folded, such as a verdict's, unfolds it. */
function unfoldTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

/* On paper nothing slides: the first, the middle and the last figure stand there, below their labels. */
function labelFigures(slider) {
  const all = [...slider.querySelectorAll("img")];
  for (const image of new Set([all[0], all[all.length >> 1], all.at(-1)])) {
    const label = document.createElement("strong");
    label.className = "mm-slider-label";
    label.textContent = image.dataset.label;
    image.before(label);
  }
}

window.addEventListener("hashchange", unfoldTarget);
document.addEventListener("DOMContentLoaded", () => {
  unfoldTarget();
  const watch = new ResizeObserver((seen) => seen.forEach((each) => reachEquation(each.target)));
  document.querySelectorAll('mjx-container[display="true"]').forEach((each) => watch.observe(each));
  document.querySelectorAll(".bd-sidebar-primary summary").forEach(nameToggle);
  document.querySelectorAll(".Quiz").forEach(nameQuiz);
  document.querySelectorAll(".mm-slider").forEach(labelFigures);
  const folds = new MutationObserver((changes) => changes.forEach((each) => nameFold(each.target)));
  document.querySelectorAll(".toggle-button").forEach((button) => {
    nameFold(button);
    folds.observe(button, { attributeFilter: ["aria-expanded"] });
  });
  // A quiz may come later: it waits for its container.
  new MutationObserver(() => document.querySelectorAll(".Quiz").forEach((quiz) => {
    if (!quiz.querySelector("[role=radiogroup]")) nameQuiz(quiz);
  })).observe(document.body, { childList: true, subtree: true });
});
