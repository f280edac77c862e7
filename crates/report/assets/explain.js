// Explains words of the glossary where they stand in heads of tables and in legends: under the pointer, by keyboard and by touch.
"use strict";
// Names that are too common to be explained wherever they stand.
const PLAIN_WORDS = ["years", "error", "run", "step", "path", "95 %", "?", "??", "better", "worse", "policy", "median"];
const explained = new Map(
  data.glossary.flatMap((term) => term.names.map((name) => [name.toLowerCase(), term])).filter(([name]) => !PLAIN_WORDS.includes(name)),
);
const namesByLength = [...explained.keys()].sort((a, b) => b.length - a.length);
// Heads that mean a word of the glossary without holding it.
const MEANT = [
  [/^minus /, "difference"],
  [/in each regime/, "regime"],
  [/looks? ahead|sees the future/, "look ahead"],
];

// Find the longest word of the glossary in a text, as a whole word.
function termOf(text) {
  const lower = text.toLowerCase();
  const isWhole = (name) => {
    const at = lower.indexOf(name),
      isLetter = (letter) => letter !== undefined && /[\p{L}\d]/u.test(letter);
    return at >= 0 && !isLetter(lower[at - 1]) && !isLetter(lower[at + name.length]);
  };
  const meant = MEANT.find(([pattern]) => pattern.test(lower));
  return explained.get(meant ? meant[1] : namesByLength.find(isWhole));
}

const tip = element("div", { id: "tip", role: "tooltip", hidden: "" });
document.body.append(tip);
function showTip(mark) {
  const term = termOf(mark.textContent);
  if (!term) return;
  tip.replaceChildren(element("b", {}, term.names[0]), element("p", {}, term.meaning), element("p", { class: "note" }, term.example));
  tip.hidden = false;
  const box = mark.getBoundingClientRect(),
    room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  const isAbove = box.bottom + tip.offsetHeight + 12 > window.innerHeight && box.top > tip.offsetHeight + 12;
  tip.style.left = `${Math.max(8, Math.min(box.left, room)) + window.scrollX}px`;
  tip.style.top = `${(isAbove ? box.top - tip.offsetHeight - 6 : box.bottom + 6) + window.scrollY}px`;
  mark.setAttribute("aria-describedby", "tip");
}
function hideTip() {
  tip.hidden = true;
  for (const mark of document.querySelectorAll("[aria-describedby=tip]")) mark.removeAttribute("aria-describedby");
}
// Mark the words in a part of the page; the first of each word on the page can be reached by keyboard.
const reached = new Set();
function explain(part) {
  for (const place of part.querySelectorAll("th, .legend > span, .studied dt")) {
    const term = place.querySelector(".term") ? undefined : termOf(place.textContent);
    if (!term) continue;
    const mark = element("span", { class: "term", tabindex: reached.has(term) ? undefined : "0" });
    mark.append(...[...place.childNodes].filter((node) => node.nodeName !== "SMALL"));
    place.prepend(mark);
    reached.add(term);
  }
}
const markAt = (target) => (target instanceof Element ? target.closest(".term") : null);
for (const [kind, act] of [
  ["mouseover", showTip],
  ["focusin", showTip],
  ["click", showTip],
]) {
  document.addEventListener(kind, (e) => {
    const mark = markAt(e.target);
    if (mark) act(mark);
    else if (kind !== "focusin" && !e.target.closest?.("#tip")) hideTip();
  });
}
document.addEventListener("focusout", hideTip);
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape") hideTip();
});
