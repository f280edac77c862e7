// Reads the data on the page, and makes numbers, elements, tables and charts. No text of the study is ever parsed as HTML.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
// Long tables come as one list per column.
for (const table of ["compare", "summary", "spreads", "exceedance", "regimes", "tests", "robust"]) {
  const columns = Object.entries(data[table]);
  data[table] = (columns[0]?.[1] ?? []).map((_, at) => Object.fromEntries(columns.map(([column, values]) => [column, values[at]])));
}
const policies = new Map(data.policies.map((p) => [p.id, p]));
const metrics = new Map(data.metrics.map((m) => [m.id, m]));
const scenarios = new Map(data.scenarios.map((s) => [s.id, s]));
const key = (...parts) => parts.join("|");
const keyed = (rows) => new Map(rows.map((r) => [key(r.s, r.p, r.h, r.m), r]));
const compared = keyed(data.compare),
  summary = keyed(data.summary),
  spreads = keyed(data.spreads);
const metricId = (name) => data.metrics.find((m) => m.name === name)?.id;
const primary = data.metrics.find((m) => m.primary);

// ---- what is shown
// Start with the scenario in the middle: the ends of a sweep frame the case of interest.
const state = { scenario: data.scenarios[Math.floor((data.scenarios.length - 1) / 2)]?.id, metric: primary?.id, horizon: null, printing: false };
const horizonsOf = (s) => [...new Set(data.summary.filter((r) => r.s === s).map((r) => r.h))].sort((a, b) => a - b);
const labelOf = (h) => data.horizons.find((x) => x.months === h)?.label || `${h} months`;
const last = (s) => horizonsOf(s).at(-1);
const value = (p, name, h = state.horizon) => summary.get(key(state.scenario, p, h, metricId(name)))?.v ?? null;
const difference = (p) => compared.get(key(state.scenario, p, state.horizon, primary?.id));
// How far a policy is ahead of its baseline, in the direction of the primary metric.
const gain = (p) => (primary?.higher === false ? -1 : 1) * (compared.get(key(state.scenario, p, last(state.scenario), primary?.id))?.d ?? 0);

// The margin of a metric; where it is a share of the baseline's value, that of the scenario and horizon that are shown.
function marginOf(metric) {
  if (metric.margin || !metric.margin_frac) return metric.margin;
  const level = summary.get(key(state.scenario, data.policies.find((p) => p.baseline)?.id, state.horizon, metric.id))?.v;
  return level ? Math.abs(level) * metric.margin_frac : null;
}

// ---- numbers, in the spreadsheet format of the metric
// The last digit of a number is the second significant digit of its standard error.
function format(metric, number, more = 0, signed = false, error = null) {
  if (number === null || number === undefined) return "";
  const percent = metric.format.endsWith("%"),
    grouped = metric.format.includes(",");
  const own = (metric.format.split(".")[1] || "").replace(/[^0]/g, "").length + (grouped ? 0 : more);
  const scaled = error > 0 ? error * (percent ? 100 : 1) : 0;
  const places = scaled > 0 ? Math.min(own, 1 - Number(scaled.toExponential(1).split("e")[1])) : own;
  const step = 10 ** Math.max(0, -places);
  const shown = percent ? number * 100 : number;
  const text = (step > 1 ? Math.round(shown / step) * step : shown).toLocaleString("en-US", {
    minimumFractionDigits: Math.max(0, places),
    maximumFractionDigits: Math.max(0, places),
    useGrouping: grouped,
    signDisplay: signed ? "exceptZero" : "negative",
  });
  return percent && !signed ? `${text} %` : text;
}
const axisScale = (metric) => (metric.format.endsWith("%") ? 100 : 1);
const unitOf = (metric) => (metric.format.endsWith("%") ? "%" : metric.unit);
// Percentages differ by percentage points, as in the tables.
const unitOfDifference = (metric) => (metric.format.endsWith("%") ? "pp" : metric.unit);
const percent = (share, places = 1) => `${(100 * share).toFixed(places)} %`;
const money = (amount) => Number(amount.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 0 });
const chance = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);
const mark = (precision) => ({ indicative: " ?", insufficient: " ??" })[precision] || "";
// Money of a scenario is divided by the price level to be money of the start.
const pricesAt = (s, months) => (1 + (scenarios.get(s)?.inflation ?? 0)) ** (months / 12);
const hasInflation = data.scenarios.some((s) => s.inflation);

// ---- colours and lines
const dark = "var(--ink)",
  soft = "var(--soft)";
const verdicts = {
  better: { colour: "var(--better)", symbol: "triangle", word: "better" },
  worse: { colour: "var(--worse)", symbol: "down", word: "worse" },
  equivalent: { colour: "var(--even)", symbol: "circle", word: "equivalent" },
  "not resolved": { colour: "var(--even)", symbol: "open", word: "not resolved" },
  ahead: { colour: "var(--line-4)", symbol: "diamond", word: "sees the future, not judged" },
  none: { colour: "var(--even)", symbol: "open", word: "no verdict" },
};
const verdictOf = (r, p) => (p?.looks_ahead ? verdicts.ahead : verdicts[r?.v] || verdicts.none);
const strokes = [
  ["var(--ink)", null],
  ["var(--line-1)", null],
  ["var(--line-2)", "8 3"],
  ["var(--line-3)", "2 3"],
  ["var(--line-4)", "10 3 2 3"],
  ["var(--line-5)", "5 2"],
].map(([colour, dash]) => ({ colour, dash }));
// Few enough lines to distinguish: the baseline, the policies of the question, then those furthest from the baseline.
function drawn(rows, most = 5) {
  const rank = (p) =>
    (p.baseline ? 2e9 : p.about ? 1e9 : 0) + Math.abs(compared.get(key(state.scenario, p.id, last(state.scenario), primary?.id))?.d ?? 0);
  const kept = new Set([...rows].sort((a, b) => rank(policies.get(b.p)) - rank(policies.get(a.p))).slice(0, most));
  let next = 1;
  return rows.filter((r) => kept.has(r)).map((r) => ({ ...r, stroke: policies.get(r.p).baseline ? strokes[0] : strokes[next++ % strokes.length] }));
}
function leftOut(place, all, shown) {
  if (all.length > shown.length) empty(place, `Drawn: ${shown.length} of ${all.length} rules, those of the question first. All are in the table.`);
}

// ---- elements
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, text] of Object.entries(attributes)) if (text !== undefined) made.setAttribute(name, text);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
function drawing(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, setting] of Object.entries(attributes)) if (setting !== null && setting !== undefined) made.setAttribute(name, setting);
  if (text) made.textContent = text;
  return made;
}
const empty = (place, why) => place.append(element("p", { class: "note" }, why));
// Charts are as wide as the window, so that their text keeps its size on a small screen; on paper they are as wide as a page.
const width = () => (state.printing ? 700 : Math.max(330, Math.min(1000, document.documentElement.clientWidth - 40)));
const isNarrow = () => width() < 560;
// Names of policies break after a comma or bracket, never inside a number.
const breakable = (text) => text.split(/(?<=[,[])/).flatMap((part, at) => (at ? [document.createElement("wbr"), part] : [part]));
// Shorten a name in its middle, because names of swept policies differ at their ends.
const clip = (text, length = isNarrow() ? 16 : 34) =>
  text.length > length ? `${text.slice(0, Math.floor(length / 2))}…${text.slice(1 - Math.ceil(length / 2))}` : text;
// Shorten the names of all policies, but keep those whole that would look alike.
function clipped(id) {
  const own = policies.get(id).name;
  return data.policies.some((q) => q.id !== id && clip(q.name) === clip(own)) ? own : clip(own);
}
// Name the scenario, where there are several, and more.
function where(...more) {
  const names = [...(data.scenarios.length > 1 ? [scenarios.get(state.scenario).name] : []), ...more];
  return names.length ? ` (${names.join(", ")})` : "";
}
const nameOf = (id) => `${policies.get(id).name}${policies.get(id).baseline ? " (baseline)" : ""}`;
const marginFor = (names) => Math.min((isNarrow() ? 0.36 : 0.42) * width(), 24 + 7.2 * Math.max(4, ...names.map((name) => name.length)));

// Make a table; columns and rows without any text are left out. A cell is text, or { text, colour, strength } for a shaded one.
function table(caption, heads, rows, classes = []) {
  const textOf = (cell) => (typeof cell === "object" && cell !== null ? cell.text : cell) ?? "";
  const kept = heads.map((_, at) => at).filter((at) => at === 0 || !rows.length || rows.some((row) => textOf(row[at]) !== ""));
  const head = element("tr", {}, ...kept.map((at) => element("th", { scope: "col" }, heads[at])));
  const one = (cell, at) => {
    const made = element("td", {}, ...(at ? [textOf(cell)] : breakable(textOf(cell))));
    if (cell?.colour) made.style.background = `color-mix(in srgb, ${cell.colour} ${Math.round(42 * Math.min(1, cell.strength))}%, transparent)`;
    return made;
  };
  const isBlank = (row) => kept.every((column) => column === 0 || textOf(row[column]) === "");
  const line = (row, at) => (isBlank(row) ? null : element("tr", { class: classes[at] }, ...kept.map((column) => one(row[column], column))));
  const body = rows.map(line).filter((made) => made);
  return element(
    "div",
    { class: "scroll" },
    element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body)),
  );
}
const folded = (title, ...inner) => element("details", { class: "more" }, element("summary", {}, title), ...inner);

// Draw a chart with its title, an explanation before it and, folded, the table of its numbers; return the drawing.
function chart(place, title, options, heads, rows, before = null) {
  const figure = element("figure", { role: "img", "aria-label": title });
  const labels = { labelAnchor: "center", labelOffset: 36, labelArrow: "none" };
  const style = { background: "transparent", color: "inherit", fontSize: "13px" };
  // On paper curves are lower, but rows of names keep their distance.
  const isOfRows = typeof options.y?.domain?.[0] === "string";
  const height = state.printing && options.height > 220 && !isOfRows ? 0.64 * options.height : options.height;
  const plot = Plot.plot({
    style,
    marginBottom: 46,
    width: width(),
    ...options,
    height,
    x: { ...labels, ...options.x },
    y: { labelArrow: "none", ...options.y },
  });
  figure.append(plot);
  place.append(element("div", { class: "together" }, element("h3", {}, title), before, figure));
  if (heads) place.append(element("details", { class: "behind" }, element("summary", {}, `Table: ${title}`), table(title, heads, rows)));
  return plot;
}
// Name lines at their ends, one below the other where they meet.
function nameEnds(plot, ends) {
  const x = plot.scale("x"),
    y = plot.scale("y"),
    gap = 15,
    bottom = Number(plot.getAttribute("height")) - 40;
  const placed = ends.map((end) => ({ ...end, px: x.apply(end.x), py: y.apply(end.y) })).sort((a, b) => a.py - b.py);
  const column = Math.max(...placed.map((end) => end.px)) + 14;
  let free = 8;
  for (const end of placed) {
    end.at = Math.max(end.py, free);
    free = end.at + gap;
  }
  let limit = bottom;
  for (const end of [...placed].reverse()) {
    end.at = Math.min(end.at, limit);
    limit = end.at - gap;
  }
  for (const end of placed) {
    plot.append(drawing("path", { d: `M${end.px + 3},${end.py}L${column - 3},${end.at}`, stroke: end.colour, "stroke-opacity": 0.6, fill: "none" }));
    plot.append(
      drawing(
        "text",
        { x: column, y: end.at, dy: "0.32em", fill: end.colour, "text-anchor": "start", "font-size": 12, "font-weight": 600 },
        end.text,
      ),
    );
  }
}
// On a small screen lines are named above the chart instead, each beside a piece of its line.
const marginOfNames = (ends) => (isNarrow() ? 14 : 26 + 7 * Math.max(...ends.map((end) => end.text.length)));
function nameLines(plot, ends) {
  if (!isNarrow()) return nameEnds(plot, ends);
  plot.closest("figure").before(legend(ends.map((end) => ({ symbol: "line", colour: end.colour, dash: end.dash, word: end.text }))));
}
// Name points beside them, at the first place that covers neither a point nor another name.
function namePoints(plot, points, rules = []) {
  const x = plot.scale("x"),
    y = plot.scale("y"),
    size = 11,
    right = Number(plot.getAttribute("width")),
    bottom = Number(plot.getAttribute("height")) - 44;
  const placed = points.map((point) => ({ ...point, px: x.apply(point.x), py: y.apply(point.y) }));
  const taken = placed
    .map(({ px, py }) => [px - 5, py - 5, px + 5, py + 5])
    .concat(rules.map((level) => [0, y.apply(level) - 2, right, y.apply(level) + 2]));
  const meets = (box) => taken.filter((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]).length;
  const offsets = [0, -13, 13, -26, 26, -39, 39, -52, 52].flatMap((dy) => [
    [9, dy, "start"],
    [-9, dy, "end"],
  ]);
  for (const point of placed) {
    const length = 6.1 * point.text.length;
    const box = ([dx, dy, anchor]) => {
      const from = anchor === "start" ? point.px + dx : point.px + dx - length;
      return [from, point.py + dy - size / 2 - 1, from + length, point.py + dy + size / 2 + 1];
    };
    const cost = (offset) => {
      const [x1, y1, x2, y2] = box(offset);
      return meets([x1, y1, x2, y2]) * 100 + Math.abs(offset[1]) / 10 + (x1 < 60 || x2 > right || y1 < 4 || y2 > bottom ? 1000 : 0);
    };
    const best = offsets.reduce((a, b) => (cost(b) < cost(a) ? b : a)),
      [x1, y1, x2, y2] = box(best);
    taken.push([x1, y1, x2, y2]);
    const at = { x: point.px + best[0], y: point.py + best[1] };
    if (Math.abs(best[1]) > 20)
      plot.append(drawing("path", { d: `M${point.px},${point.py}L${at.x},${at.y}`, stroke: point.colour, "stroke-opacity": 0.5 }));
    plot.append(drawing("text", { ...at, dy: "0.32em", "text-anchor": best[2], fill: point.colour, "font-size": size }, point.text));
  }
}
// Explain symbols and their colours in words.
function legend(entries) {
  const symbol = ({ symbol, colour, dash }) => {
    if (symbol === "line") {
      const piece = drawing("svg", { width: 24, height: 12, "aria-hidden": "true" });
      piece.append(drawing("path", { d: "M0,6H24", stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash }));
      return piece;
    }
    const shape = {
      triangle: "M6,1L11,10H1Z",
      down: "M6,11L1,2H11Z",
      circle: "M6,2a4,4 0 1 0 .01,0Z",
      open: "M6,2a4,4 0 1 0 .01,0Z",
      diamond: "M6,1L11,6L6,11L1,6Z",
    }[symbol];
    const drawn = drawing("svg", { width: 12, height: 12, "aria-hidden": "true" });
    drawn.append(
      drawing("path", { d: shape, fill: symbol === "open" || symbol === "diamond" ? "var(--ground)" : colour, stroke: colour, "stroke-width": 1.5 }),
    );
    return drawn;
  };
  return element("div", { class: "legend" }, ...entries.map((entry) => element("span", {}, entry.symbol ? symbol(entry) : null, entry.word)));
}
const choices = (select, entries, chosen) => {
  select.replaceChildren(...entries.map(([own, text]) => element("option", { value: String(own) }, text)));
  if (entries.some(([own]) => own === chosen)) select.value = String(chosen);
  select.closest("label").hidden = entries.length < 2;
};
