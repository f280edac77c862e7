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

// ---- numbers, printed with the digits of the tables that the page comes with
// Round the exact value of a float, and a tie to the even digit, as those tables do.
function rounded(number, places) {
  const size = Math.abs(number);
  if (places < 0) return String(Math.round(size / 10 ** -places) * 10 ** -places);
  const [whole, digits = ""] = size.toFixed(100).split(".");
  const down = places ? `${whole}.${digits.slice(0, places)}` : whole;
  const isTie = /^50*$/.test(digits.slice(places));
  return isTie && "02468".includes(down.at(-1)) ? down : size.toFixed(places);
}
// A number with a sign keeps it where it rounds to zero, because a bound of -0.00 is not one of +0.00; zero itself has none.
function printed(number, places, signed = false, isGrouped = false) {
  const text = rounded(number, places);
  const sign = number < 0 && (signed || /[1-9]/.test(text)) ? "-" : number > 0 && signed ? "+" : "";
  return sign + (isGrouped ? text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",")) : text);
}
// Print in the spreadsheet format of the metric: the last digit is the second significant digit of the standard error.
function format(metric, number, more = 0, signed = false, error = null) {
  if (number === null || number === undefined) return "";
  const percent = metric.format.endsWith("%"),
    grouped = metric.format.includes(",");
  const own = (metric.format.split(".")[1] || "").replace(/[^0]/g, "").length + (grouped ? 0 : more);
  const scaled = error > 0 ? error * (percent ? 100 : 1) : 0;
  const places = scaled > 0 ? Math.min(own, 1 - Number(scaled.toExponential(1).split("e")[1])) : own;
  const text = printed(percent ? number * 100 : number, places, signed, grouped);
  return percent && !signed ? `${text} %` : text;
}
const axisScale = (metric) => (metric.format.endsWith("%") ? 100 : 1);
const unitOf = (metric) => (metric.format.endsWith("%") ? "%" : metric.unit);
// Percentages differ by percentage points, as in the tables.
const unitOfDifference = (metric) => (metric.format.endsWith("%") ? "pp" : metric.unit);
const percent = (share, places = 1) => `${printed(100 * share, places)} %`;
const money = (amount) => printed(amount, Math.min(0, 2 - Number(Math.max(1, Math.abs(amount)).toExponential().split("e")[1])), false, true);
const chance = (p) => (p < 0.001 ? "p < 0.001" : `p = ${rounded(p, 3)}`);
// Which way of a number is better, in words and beside an axis that points up or to the right; nothing where neither is.
const wayOf = (higher) => (higher === true ? "higher is better" : higher === false ? "lower is better" : "");
const upward = (text, higher) => text + (wayOf(higher) && ` (${higher ? "↑" : "↓"} ${wayOf(higher)})`);
const rightward = (text, higher) => text + (higher === true ? " (higher is better →)" : higher === false ? " (← lower is better)" : "");
const captioned = (text, higher) => text + (wayOf(higher) && `: ${wayOf(higher)}`);
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
// Names of rows stand beside them, but above them on a small screen, where there is no room beside.
const SHARE_OF_NAMES = 0.42;
const lengthOfNames = () => Math.floor(((isNarrow() ? 1 : SHARE_OF_NAMES) * width() - 24) / 7.2);
// Shorten a name that is longer in its middle, because names of swept policies differ at their ends.
const clip = (text, length = lengthOfNames()) =>
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
const marginFor = (names) => (isNarrow() ? 12 : Math.min(SHARE_OF_NAMES * width(), 24 + 7.2 * Math.max(4, ...names.map((name) => name.length))));
const heightOf = (rows, beside) => (isNarrow() ? 38 : state.printing ? 17 : beside) * rows.length;
const rowScale = (names) => ({ label: null, domain: names, axis: isNarrow() ? null : undefined });
const namesAbove = (rows, colour) =>
  isNarrow()
    ? [
        Plot.text(rows, {
          y: "shown",
          text: "shown",
          frameAnchor: "left",
          textAnchor: "start",
          dy: -14,
          fontSize: 12,
          fill: colour,
          stroke: "var(--ground)",
        }),
      ]
    : [];

// Make a table; columns and rows without any text are left out. A cell is text, or { text, colour, strength } for a shaded one.
// A head is text, or a list of text and elements.
function table(caption, heads, rows, classes = []) {
  const textOf = (cell) => (typeof cell === "object" && cell !== null ? cell.text : cell) ?? "";
  const kept = heads.map((_, at) => at).filter((at) => at === 0 || !rows.length || rows.some((row) => textOf(row[at]) !== ""));
  const head = element("tr", {}, ...kept.map((at) => element("th", { scope: "col" }, ...[heads[at]].flat())));
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
const folded = (title, ...inner) => element("details", {}, element("summary", {}, title), ...inner);

// Draw a chart with its title, an explanation before it and, folded, the table of its numbers; return the drawing.
// `higher` says whether a higher number is better.
function chart(place, title, options, heads, rows, { before = null, higher } = {}) {
  const figure = element("figure", { role: "img", "aria-label": captioned(title, higher) });
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
  if (heads)
    place.append(element("details", { class: "behind" }, element("summary", {}, `Table: ${title}`), table(captioned(title, higher), heads, rows)));
  return plot;
}
// Name lines at their ends, one below the other where they meet.
function nameEnds(plot, ends) {
  const x = plot.scale("x"),
    y = plot.scale("y"),
    gap = 15,
    bottom = Number(plot.getAttribute("height")) - 52;
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
// On a small screen, and where names are long, lines are named above the chart instead, each beside a piece of its line.
const END_LENGTH = 34;
const isNamedAbove = (ends) => isNarrow() || ends.some((end) => end.text.length > END_LENGTH);
const marginOfNames = (ends) => (isNamedAbove(ends) ? 20 : 26 + 7.6 * Math.max(...ends.map((end) => end.text.length)));
function nameLines(plot, ends) {
  if (!isNamedAbove(ends)) return nameEnds(plot, ends);
  plot.closest("figure").before(legend(ends.map((end) => ({ symbol: "line", colour: end.colour, dash: end.dash, word: end.text }))));
}
// Name points beside them, at the first place that covers neither a point nor another name, nor the title of the axis.
// Where there is no such place near every point, points have numbers, and a list below the chart names them.
function namePoints(plot, points, { rules = [], top = 4 } = {}) {
  const places = placesOf(plot, points, rules, top);
  if (places.every((place) => place.isFree)) return drawNames(plot, places);
  const numbered = points.map((point, at) => ({ ...point, text: String(at + 1) }));
  drawNames(plot, placesOf(plot, numbered, rules, top));
  const entry = (point, at) => element("li", {}, element("span", { style: `color: ${point.colour}` }, `${at + 1} `), point.text);
  plot.closest("figure").after(element("ul", { class: "key" }, ...points.map(entry)));
}
function placesOf(plot, points, rules, top) {
  const x = plot.scale("x"),
    y = plot.scale("y"),
    size = 11,
    right = Number(plot.getAttribute("width")),
    bottom = Number(plot.getAttribute("height")) - 44;
  const placed = points.map((point) => ({ ...point, px: x.apply(point.px), py: y.apply(point.py) }));
  const taken = placed
    .map(({ px, py }) => [px - 5, py - 5, px + 5, py + 5])
    .concat(rules.map((level) => [0, y.apply(level) - 2, right, y.apply(level) + 2]));
  const meets = (box) => taken.filter((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]).length;
  const offsets = [0, -13, 13, -26, 26, -39, 39, -52, 52].flatMap((dy) => [
    [9, dy, "start"],
    [-9, dy, "end"],
  ]);
  return placed.map((point) => {
    const length = 6.4 * point.text.length;
    const box = ([dx, dy, anchor]) => {
      const from = anchor === "start" ? point.px + dx : point.px + dx - length;
      return [from, point.py + dy - size / 2 - 1, from + length, point.py + dy + size / 2 + 1];
    };
    const cost = (offset) => {
      const [x1, y1, x2, y2] = box(offset);
      return meets([x1, y1, x2, y2]) * 100 + Math.abs(offset[1]) / 10 + (x1 < 60 || x2 > right || y1 < top || y2 > bottom ? 1000 : 0);
    };
    const best = offsets.reduce((a, b) => (cost(b) < cost(a) ? b : a)),
      isFree = cost(best) < 100 && Math.abs(best[1]) <= 26;
    taken.push(box(best));
    return { ...point, dx: best[0], dy: best[1], anchor: best[2], size, isFree };
  });
}
function drawNames(plot, places) {
  for (const { px, py, dx, dy, anchor, size, colour, text } of places) {
    const at = { x: px + dx, y: py + dy };
    if (Math.abs(dy) > 20) plot.append(drawing("path", { d: `M${px},${py}L${at.x},${at.y}`, stroke: colour, "stroke-opacity": 0.5 }));
    plot.append(drawing("text", { ...at, dy: "0.32em", "text-anchor": anchor, fill: colour, "font-size": size }, text));
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
