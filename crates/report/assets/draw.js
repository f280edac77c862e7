// Draws the parts of the page when they are scrolled to or printed, and again when a choice changes.
"use strict";
const parts = new Map(
  Object.entries({
    survival,
    forest,
    surface,
    fan: fans,
    distribution: distributions,
    cost: costs,
    regime: regimes,
    worst,
    committee,
    field,
    robust,
  }),
);
// Charts out of sight are drawn when they are scrolled to, so that the page responds at once.
const pending = new Set();
const watch = new IntersectionObserver(
  (seen) => {
    for (const one of seen) if (one.isIntersecting) drawPending(one.target.id);
  },
  { rootMargin: "600px" },
);
function drawPending(name) {
  if (!pending.delete(name)) return;
  const place = byId(name);
  place.replaceChildren();
  parts.get(name)(place);
  explain(place);
  watchScroll(place);
  place.style.minHeight = "";
}
function redraw(names = [...parts.keys()]) {
  for (const name of names) {
    const place = byId(name);
    place.style.minHeight = `${Math.max(120, place.offsetHeight)}px`;
    pending.add(name);
    watch.unobserve(place);
    watch.observe(place);
  }
}
const drawAll = () => [...pending].forEach(drawPending);

// A table that is wider than the screen says so, fades where it goes on, and can be scrolled by keyboard.
function markScroll(box) {
  const hidden = box.scrollWidth - box.clientWidth,
    isWide = hidden > 1;
  box.classList.toggle("overflows", isWide);
  box.classList.toggle("goes-on", isWide && box.scrollLeft < hidden - 1);
  for (const [name, setting] of [
    ["tabindex", "0"],
    ["role", "region"],
    ["aria-label", box.querySelector("caption")?.textContent ?? "table"],
  ])
    if (isWide) box.setAttribute(name, setting);
    else box.removeAttribute(name);
}
const resized = new ResizeObserver((seen) => requestAnimationFrame(() => seen.forEach((one) => markScroll(one.target))));
function watchScroll(part) {
  for (const box of part.querySelectorAll(".scroll")) {
    resized.observe(box);
    box.addEventListener("scroll", () => markScroll(box), { passive: true });
  }
}

// Paper cannot be unfolded or scrolled: print draws everything as wide as a page, and opens what is folded, but for the numbers of charts.
const opened = new Set();
function beginPrinting() {
  state.printing = true;
  redraw();
  drawAll();
  for (const part of document.querySelectorAll("details:not(.behind)"))
    if (!part.open) {
      opened.add(part);
      part.open = true;
    }
}
function endPrinting() {
  state.printing = false;
  opened.forEach((part) => {
    part.open = false;
  });
  opened.clear();
  redraw();
}
addEventListener("beforeprint", beginPrinting);
addEventListener("afterprint", endPrinting);

// For tests of the page: record errors, and draw everything at once.
const broken = (text) => {
  document.documentElement.dataset.errors = `${document.documentElement.dataset.errors || ""}${text}; `;
};
addEventListener("error", (e) => broken(e.message));
document.addEventListener("securitypolicyviolation", (e) => broken(`${e.violatedDirective} ${e.blockedURI}`));
window.corridorReport = { drawAll };

function chooseHorizon(h) {
  const all = horizonsOf(state.scenario);
  state.horizon = all.includes(h) ? h : all.at(-1);
  choices(
    byId("horizon"),
    all.map((months) => [months, labelOf(months)]),
    state.horizon,
  );
}
function hideEmptySections() {
  const has = {
    survival: data.exceedance.some((r) => r.m === metricId("ruin_month")),
    surface: axes.length > 0,
    fan: data.fans.length > 0,
    regime: data.regimes.length > 0,
    worst: data.worst.length > 0,
    field: data.tests.length > 0,
    robust: data.scenarios.length > 1 && data.robust.length > 0,
  };
  for (const [name, some] of Object.entries(has))
    if (!some) {
      byId(`s-${name}`).hidden = true;
      parts.delete(name);
    }
}
function begin() {
  hideEmptySections();
  for (const cell of document.querySelectorAll("main td:first-child"))
    if (!cell.children.length) cell.replaceChildren(...breakable(cell.textContent));
  choices(
    byId("scenario"),
    data.scenarios.map((s) => [s.id, s.name]),
    state.scenario,
  );
  choices(
    byId("metric"),
    data.metrics.map((m) => [m.id, m.display]),
    state.metric,
  );
  chooseHorizon(null);
  const followed = data.policies.filter((p) => data.fans.some((f) => f.p === p.id));
  // Beside the baseline stands the best rule: of those that the question is about, if it is about some.
  const others = followed.filter((p) => !p.baseline && !p.looks_ahead),
    about = others.filter((p) => p.about);
  const asked = (about.length ? about : others).reduce((a, b) => (a && gain(a.id) >= gain(b.id) ? a : b), undefined),
    baseline = followed.find((p) => p.baseline) || followed[0];
  choices(
    byId("fan-policy"),
    followed.map((p) => [p.id, p.name]),
    baseline?.id,
  );
  choices(byId("fan-beside"), [["", "no other"], ...followed.map((p) => [p.id, p.name])], asked?.id ?? "");
  choices(
    byId("fan-money"),
    hasInflation
      ? [
          ["real", "money of today"],
          ["nominal", "money of the time"],
        ]
      : [["nominal", "money of the time"]],
  );
  if (axes.length) chooseAxes(...openingAxes());
  byId("scenario").addEventListener("change", (e) => {
    state.scenario = Number(e.target.value);
    chooseHorizon(state.horizon);
    redraw();
  });
  byId("metric").addEventListener("change", (e) => {
    state.metric = Number(e.target.value);
    redraw([...parts.keys()].filter((name) => ["forest", "surface", "field", "robust"].includes(name)));
  });
  byId("horizon").addEventListener("change", (e) => {
    state.horizon = Number(e.target.value);
    redraw();
  });
  for (const id of ["fan-policy", "fan-beside", "fan-money"]) byId(id).addEventListener("change", () => redraw(["fan"]));
  byId("surface-x").addEventListener("change", (e) => {
    chooseAxes(axes[Number(e.target.value)], null);
    redraw(["surface"]);
  });
  byId("surface-y").addEventListener("change", () => redraw(["surface"]));
  for (const place of document.querySelectorAll(".way")) place.textContent = wayOf(primary.higher) && `; ${wayOf(primary.higher)}`;
  explain(document.body);
  watchScroll(document.body);
  redraw();
  if (location.hash === "#all") drawAll();
}
if (state.scenario !== undefined && state.metric !== undefined) begin();
document.documentElement.dataset.ready = "true";
