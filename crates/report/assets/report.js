// Draws the charts of a corridor report from the data on the page. No text of the study is ever parsed as HTML.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  // Charts are as wide as the window, so that their text keeps its size on a small screen.
  const WIDTH = Math.max(360, Math.min(1000, document.documentElement.clientWidth - 40));
  const byId = (id) => document.getElementById(id);
  // Long tables come as one list per column.
  for (const name of ["compare", "summary", "spreads", "regimes", "tests", "robust"]) {
    const columns = Object.entries(data[name]);
    data[name] = (columns[0]?.[1] ?? []).map((_, at) => Object.fromEntries(columns.map(([key, values]) => [key, values[at]])));
  }
  const policies = new Map(data.policies.map((p) => [p.id, p]));
  const metrics = new Map(data.metrics.map((m) => [m.id, m]));
  const scenarios = new Map(data.scenarios.map((s) => [s.id, s]));
  const key = (...parts) => parts.join("|");
  const compared = new Map(data.compare.map((r) => [key(r.s, r.p, r.h, r.m), r]));
  const summary = new Map(data.summary.map((r) => [key(r.s, r.p, r.h, r.m), r]));
  const metricId = (name) => data.metrics.find((m) => m.name === name)?.id;

  // ---- numbers, in the spreadsheet format of the metric
  // The last digit of a number is the second significant digit of its standard error.
  function format(metric, value, more = 0, signed = false, error = null) {
    if (value === null || value === undefined) return "";
    const percent = metric.format.endsWith("%"), grouped = metric.format.includes(",");
    const own = (metric.format.split(".")[1] || "").replace(/[^0]/g, "").length + (grouped ? 0 : more);
    const scaled = error > 0 ? error * (percent ? 100 : 1) : 0;
    const places = scaled > 0 ? Math.min(own, 1 - Number(scaled.toExponential(1).split("e")[1])) : own;
    const unit = 10 ** Math.max(0, -places);
    const shown = percent ? value * 100 : value;
    const text = (unit > 1 ? Math.round(shown / unit) * unit : shown).toLocaleString("en-US", {
      minimumFractionDigits: Math.max(0, places), maximumFractionDigits: Math.max(0, places), useGrouping: grouped,
      signDisplay: signed ? "exceptZero" : "auto",
    });
    return percent ? `${text} %` : text;
  }
  const axisScale = (metric) => (metric.format.endsWith("%") ? 100 : 1);
  const unit = (metric) => (metric.format.endsWith("%") ? "%" : metric.unit);
  const chance = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);
  const mark = (precision) => ({ indicative: " ?", insufficient: " ??" })[precision] || "";

  // ---- elements
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }
  // Names of policies break after a comma, never inside a number.
  const breakable = (text) => text.split(/(?<=,)/).flatMap((part, at) => (at ? [document.createElement("wbr"), part] : [part]));
  for (const cell of document.querySelectorAll("main td:first-child")) cell.replaceChildren(...breakable(cell.textContent));
  function table(caption, heads, rows, classes = []) {
    const head = element("tr", {}, ...heads.map((h) => element("th", { scope: "col" }, h)));
    const body = rows.map((row, at) => element("tr", { class: classes[at] }, ...row.map((cell, at) => element("td", {}, ...(at ? [cell ?? ""] : breakable(cell ?? ""))))));
    return element("div", { class: "scroll" }, element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body)));
  }
  function show(place, title, options, heads, rows) {
    const figure = element("figure", { role: "img", "aria-label": title });
    const place_of_label = { labelAnchor: "center", labelOffset: 36, labelArrow: "none" };
    figure.append(Plot.plot({ style: { background: "transparent", color: "inherit", fontSize: "13px" }, marginBottom: 46, ...options, x: { ...place_of_label, ...options.x } }));
    const behind = element("details", { class: "behind" }, element("summary", {}, `Table: ${title}`), table(title, heads, rows));
    place.append(element("h3", {}, title), figure, behind);
  }
  // Paper cannot be unfolded: open every folded part for printing, except the tables behind charts.
  const folded = () => document.querySelectorAll("details:not(.behind)");
  const opened = new Set();
  addEventListener("beforeprint", () => folded().forEach((part) => { if (!part.open) { opened.add(part); part.open = true; } }));
  addEventListener("afterprint", () => { opened.forEach((part) => { part.open = false; }); opened.clear(); });
  // Few enough lines to distinguish: the baseline and the policies furthest from it on the primary metric.
  const LINES = 4;
  function drawn(rows) {
    const primary = data.metrics.find((m) => m.primary), distance = (p) => Math.abs(compared.get(key(state.scenario, p, last(state.scenario), primary.id))?.d ?? 0);
    const others = rows.filter((r) => !policies.get(r.p).baseline).sort((a, b) => distance(b.p) - distance(a.p));
    const kept = new Set([...rows.filter((r) => policies.get(r.p).baseline), ...others].slice(0, LINES));
    return rows.filter((r) => kept.has(r));
  }
  const left_out = (place, all, shown) => { if (all.length > shown.length) empty(place, `Drawn: the baseline and the ${shown.length - 1} policies furthest from it. All ${all.length} are in the table.`); };
  const empty = (place, why) => place.append(element("p", { class: "note" }, why));
  // Shorten a name in its middle, because names of swept policies differ at their ends.
  const clip = (text, length = 34) => (text.length > length ? `${text.slice(0, Math.floor(length / 2))}…${text.slice(1 - Math.ceil(length / 2))}` : text);
  // Shorten the names of all policies, but keep those whole that would look alike.
  const clipped = new Map(data.policies.map((p) => [p.id, data.policies.some((q) => q.id !== p.id && clip(q.name) === clip(p.name)) ? p.name : clip(p.name)]));
  const left = (names) => Math.min(420, 30 + 7.2 * Math.max(4, ...names.map((name) => name.length)));
  const choices = (select, entries, chosen) => {
    select.replaceChildren(...entries.map(([value, text]) => element("option", { value: String(value) }, text)));
    if (entries.some(([value]) => value === chosen)) select.value = String(chosen);
  };
  const dark = "var(--ink)", soft = "var(--soft)", line = "var(--line)", blue = "var(--mark)";
  const verdictColour = { better: "var(--good)", worse: "var(--bad)", equivalent: "var(--even)", "not resolved": "var(--even)" };
  const palette = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#9c755f", "#76b7b2", "#edc948", "#ff9da7", "#bab0ac"];

  // ---- selection
  // Start with the scenario in the middle: the ends of a sweep frame the case of interest.
  const state = { scenario: data.scenarios[Math.floor((data.scenarios.length - 1) / 2)]?.id, metric: data.metrics.find((m) => m.primary)?.id, horizon: null };
  const horizonsOf = (s) => [...new Set(data.summary.filter((r) => r.s === s).map((r) => r.h))].sort((a, b) => a - b);
  const label = (h) => data.horizons.find((x) => x.months === h)?.label || `${h} months`;
  const last = (s) => horizonsOf(s).at(-1);
  const comparedPolicies = () => data.policies.filter((p) => compared.has(key(state.scenario, p.id, state.horizon, state.metric)));

  // ---- forest
  function forest(place) {
    const metric = metrics.get(state.metric);
    const rows = comparedPolicies().map((p) => ({ name: p.name, ...compared.get(key(state.scenario, p.id, state.horizon, state.metric)) })).map((r) => ({ ...r, shown: clipped.get(r.p) + mark(r.pr) })).filter((r) => r.d !== null);
    if (!rows.length) return empty(place, "This metric is not compared: it is relative to the baseline already, or has no value here.");
    const k = axisScale(metric);
    const names = rows.map((r) => r.shown);
    const marks = [];
    if (metric.margin) marks.push(Plot.rectX([metric.margin], { x1: -metric.margin * k, x2: metric.margin * k, fill: soft, fillOpacity: 0.13 }));
    const colour = (r) => verdictColour[r.v] || blue;
    marks.push(Plot.ruleX([0], { stroke: soft }));
    marks.push(Plot.ruleY(rows.filter((r) => r.slo !== null), { y: "shown", x1: (r) => r.slo * k, x2: (r) => r.shi * k, stroke: colour, strokeWidth: 1.5 }));
    marks.push(Plot.ruleY(rows.filter((r) => r.lo !== null), { y: "shown", x1: (r) => r.lo * k, x2: (r) => r.hi * k, stroke: colour, strokeWidth: 5, strokeOpacity: 0.45 }));
    marks.push(Plot.dot(rows, { y: "shown", x: (r) => r.d * k, fill: colour, r: 4, title: (r) => `${r.name}: ${format(metric, r.d, 1, true, r.se)}` }));
    show(place, `${metric.display}, policy minus baseline (${scenarios.get(state.scenario).name}, ${label(state.horizon)})`,
      { marginLeft: left(names), width: WIDTH, height: 60 + 26 * rows.length, x: { label: `difference, ${unit(metric)}`, grid: true }, y: { label: null, domain: names }, marks },
      ["policy", "difference", "standard error", "95 % for this one", "95 % for all at once", "verdict"],
      rows.map((r) => [r.name, format(metric, r.d, 1, true, r.se) + mark(r.pr), format(metric, r.se, 1, false, r.se), `${format(metric, r.lo, 1, true, r.se)} to ${format(metric, r.hi, 1, true, r.se)}`,
        r.slo === null ? "" : `${format(metric, r.slo, 1, true, r.se)} to ${format(metric, r.shi, 1, true, r.se)}`, r.v || ""]));
  }

  // ---- surface and curves over swept numbers
  const axes = data.axes; // [{name, of: "policy"|"scenario", values: {id: number or text}}]
  function sweepRows() {
    const rows = [];
    for (const s of data.scenarios) for (const p of data.policies) {
      const found = compared.get(key(s.id, p.id, last(s.id), state.metric));
      if (found && found.d !== null) rows.push({ s: s.id, p: p.id, ...found });
    }
    return rows;
  }
  const axisValue = (axis, row) => axis.values[axis.of === "policy" ? row.p : row.s];
  function surface(place) {
    const metric = metrics.get(state.metric);
    const x = axes[Number(byId("surface-x").value)], up = byId("surface-y").value;
    if (!x) return;
    const k = axisScale(metric);
    const all = sweepRows().filter((r) => axisValue(x, r) !== undefined);
    if (!all.length) return empty(place, "This metric has no differences along the swept numbers.");
    if (up === "" ) {
      const rest = (r) => {
        const others = axes.filter((a) => a !== x && axisValue(a, r) !== undefined).map((a) => `${a.name} ${axisValue(a, r)}`);
        const base = x.of === "policy" ? (policies.get(r.p).name.split("[")[0]) : policies.get(r.p).name;
        return [base, ...others.filter((o) => !base.includes("[") || x.of === "policy")].join(", ");
      };
      const rows = all.map((r) => ({ ...r, x: axisValue(x, r), group: clip(rest(r), 48) })).sort((a, b) => (a.x > b.x ? 1 : -1));
      const groups = [...new Set(rows.map((r) => r.group))];
      const numeric = rows.every((r) => typeof r.x === "number");
      const shown = rows.filter((r) => groups.indexOf(r.group) < palette.length);
      const marks = [Plot.ruleY([0], { stroke: soft })];
      if (metric.margin) marks.unshift(Plot.rectY([0], { y1: -metric.margin * k, y2: metric.margin * k, fill: soft, fillOpacity: 0.13 }));
      if (numeric) marks.push(Plot.areaY(shown.filter((r) => r.lo !== null), { x: "x", y1: (r) => r.lo * k, y2: (r) => r.hi * k, z: "group", fill: "group", fillOpacity: 0.2 }));
      marks.push(Plot.lineY(shown, { x: "x", y: (r) => r.d * k, z: "group", stroke: "group", marker: "circle" }));
      show(place, `${metric.display}, policy minus baseline, along ${x.name}`,
        { width: WIDTH, height: 380, marginLeft: 60, color: { domain: groups.slice(0, palette.length), range: palette, legend: true }, x: { label: x.name, type: numeric ? "linear" : "point" }, y: { label: `difference, ${unit(metric)}`, grid: true }, marks },
        [x.name, "policy or rest", "difference", "95 %"], rows.map((r) => [String(r.x), r.group, format(metric, r.d, 1, true), r.lo === null ? "" : `${format(metric, r.lo, 1, true)} to ${format(metric, r.hi, 1, true)}`]));
      for (const b of data.break_even.filter((b) => b.axis === x.name && b.m === state.metric)) {
        place.append(element("p", { class: "note" }, b.text));
      }
      return;
    }
    const y = axes[Number(up)];
    const cells = new Map();
    for (const r of all.filter((r) => axisValue(y, r) !== undefined)) {
      const at = key(axisValue(x, r), axisValue(y, r));
      const cell = cells.get(at) || { x: axisValue(x, r), y: axisValue(y, r), sum: 0, n: 0 };
      cell.sum += r.d; cell.n += 1; cells.set(at, cell);
    }
    const rows = [...cells.values()].map((c) => ({ ...c, d: c.sum / c.n }));
    if (!rows.length) return empty(place, "No policy has both of these axes.");
    const order = (of) => [...new Set(rows.map(of))].sort((a, b) => (a > b ? 1 : -1));
    // The scale reaches at least to the margin, so that an equivalent difference looks pale.
    const most = Math.max(...rows.map((r) => Math.abs(r.d)), metric.margin || 0) * k || 1;
    const averaged = rows.some((r) => r.n > 1) ? "; mean over the other swept numbers" : "";
    show(place, `${metric.display}, policy minus baseline, by ${x.name} and ${y.name}`,
      { width: WIDTH, height: 120 + 38 * order((r) => r.y).length, marginLeft: 110, padding: 0.04, x: { label: x.name, domain: order((r) => r.x), type: "band" }, y: { label: y.name, domain: order((r) => r.y).reverse(), type: "band" },
        color: { type: "diverging", scheme: metric.higher === false ? "BuRd" : "RdBu", domain: [-most, most], legend: true, label: `difference, ${unit(metric)}${averaged}` },
        marks: [Plot.cell(rows, { x: "x", y: "y", fill: (r) => r.d * k }),
          Plot.text(rows, { x: "x", y: "y", text: (r) => format(metric, r.d, 0, true), fill: (r) => (Math.abs(r.d * k) > 0.6 * most ? "#ffffff" : "#1b1f24") })] },
      [x.name, y.name, "difference", "differences averaged"], rows.map((r) => [String(r.x), String(r.y), format(metric, r.d, 1, true), String(r.n)]));
  }

  // ---- fans
  function fans(place) {
    const policy = Number(byId("fan-policy").value);
    const found = data.fans.find((f) => f.s === state.scenario && f.p === policy);
    if (!found) return empty(place, "Paths of this policy were not followed over time.");
    for (const [measure, title, unitText, k] of [["wealth", "Wealth, nominal", "currency", 1], ["drawdown", "Fall below the running peak", "%", 100]]) {
      const rows = found.months.map((t, i) => ({ year: t / 12, q: found[measure].map((q) => q[i] * k) }));
      const at = (percent) => data.fan_percents.indexOf(percent);
      const band = (low, high, opacity) => Plot.areaY(rows, { x: "year", y1: (r) => r.q[at(low)], y2: (r) => r.q[at(high)], fill: blue, fillOpacity: opacity });
      const marks = [band(1, 99, 0.1), band(5, 95, 0.17), band(25, 75, 0.28), Plot.lineY(rows, { x: "year", y: (r) => r.q[at(50)], stroke: blue, strokeWidth: 2 })];
      const log = measure === "wealth" && rows.every((r) => r.q.every((v) => v > 0));
      const money = (v) => v.toLocaleString("en-US", { maximumSignificantDigits: 4 });
      show(place, `${title}: ${policies.get(policy).name} (bands: 50, 90 and 98 % of ${found.n.toLocaleString("en-US")} paths; line: median)`,
        { width: WIDTH, height: 320, marginLeft: 80, x: { label: "years" }, y: { label: unitText, grid: true, type: log ? "log" : "linear", reverse: measure === "drawdown", tickFormat: log ? "~s" : undefined }, marks },
        ["years", ...data.fan_percents.map((p) => `${p} %`)], rows.filter((_, i) => i % Math.ceil(rows.length / 31) === 0 || i === rows.length - 1).map((r) => [String(Math.round(r.year * 100) / 100), ...r.q.map(money)]));
    }
  }

  // ---- distributions
  function distributions(place) {
    for (const name of ["terminal_wealth_nominal", "max_drawdown_unit_frac"]) {
      const m = metricId(name), metric = metrics.get(m);
      const found = data.histograms.filter((r) => r.s === state.scenario && r.h === state.horizon && r.m === m);
      const edges = data.edges.find((e) => e.m === m && e.h === state.horizon)?.edges;
      if (!found.length || !edges) continue;
      const shown = drawn(found);
      const log = name.startsWith("terminal");
      const k = axisScale(metric);
      const rows = shown.flatMap((r) => r.counts.map((c, i) => ({ policy: clipped.get(r.p), x1: edges[i] * k, x2: edges[i + 1] * k, c, n: r.n }))
        .filter((b) => !log || b.x1 > 0).map((b) => ({ ...b, x: log ? Math.sqrt(b.x1 * b.x2) : (b.x1 + b.x2) / 2, density: b.c / b.n / (log ? Math.log10(b.x2 / b.x1) : b.x2 - b.x1) })));
      const inner = rows.filter((b) => b.c > 0);
      const quantile = (r, p) => { let sum = 0; for (let i = 0; i < r.counts.length; i++) { sum += r.counts[i]; if (sum >= p * r.n) return (edges[i] + edges[i + 1]) / 2; } return edges.at(-1); };
      show(place, `${metric.display}: distribution over paths (${label(state.horizon)})`,
        { width: WIDTH, height: 320, marginLeft: 60, x: { label: `${metric.display}, ${unit(metric)}`, type: log ? "log" : "linear", tickFormat: log ? "~s" : undefined, domain: [d3.min(inner, (b) => b.x), d3.max(inner, (b) => b.x)] }, y: { label: "density", ticks: 4 },
          color: { domain: [...new Set(rows.map((r) => r.policy))], range: palette, legend: true }, marks: [Plot.lineY(inner, { x: "x", y: "density", z: "policy", stroke: "policy", curve: "monotone-x" })] },
        ["policy", "about 5 %", "about 50 %", "about 95 %", "paths"], found.map((r) => [policies.get(r.p).name, ...[0.05, 0.5, 0.95].map((p) => format(metric, quantile(r, p))), r.n.toLocaleString("en-US")]));
      left_out(place, found, shown);
    }
  }

  // ---- cost and turnover
  // Select the points whose names do not cover those of others.
  function apart(rows, x) {
    const across = d3.extent(rows, (r) => r[x]), up = d3.extent(rows, (r) => r.d), kept = [];
    const near = (a, b) => Math.abs(a[x] - b[x]) < 0.28 * (across[1] - across[0]) && Math.abs(a.d - b.d) < 0.07 * (up[1] - up[0]);
    const first = (r) => (r.p.baseline || r.p.about ? 0 : 1); // the policies that the question is about are named first
    for (const row of [...rows].sort((a, b) => first(a) - first(b))) if (!kept.some((other) => near(row, other))) kept.push(row);
    return kept;
  }
  function costs(place) {
    const primary = data.metrics.find((m) => m.primary), value = (p, name) => summary.get(key(state.scenario, p.id, state.horizon, metricId(name)))?.v;
    const rows = data.policies.map((p) => ({ p, name: p.name, cost: value(p, "cost_bps_annual"), turnover: value(p, "turnover_one_way_annual"), r: compared.get(key(state.scenario, p.id, state.horizon, primary.id)) }))
      .filter((r) => r.cost !== undefined && r.cost !== null).map((r) => ({ ...r, d: r.p.baseline ? 0 : r.r?.d ?? null })).filter((r) => r.d !== null);
    if (!rows.length) return empty(place, "No policy has both a cost and a difference from the baseline.");
    const k = axisScale(primary);
    const marks = (x) => [Plot.ruleY([0], { stroke: soft }), Plot.ruleX(rows.filter((r) => r.r?.lo !== undefined && r.r.lo !== null), { x, y1: (r) => r.r.lo * k, y2: (r) => r.r.hi * k, stroke: (r) => verdictColour[r.r?.v] || soft }),
      Plot.dot(rows, { x, y: (r) => r.d * k, fill: (r) => (r.p.baseline ? dark : verdictColour[r.r?.v] || blue), r: 4, title: "name" }),
      Plot.text(apart(rows, x), { x, y: (r) => r.d * k, text: (r) => clip(r.name, 24), dx: 7, textAnchor: "start", fill: soft, fontSize: 11 })];
    const cells = rows.map((r) => [r.name, r.cost.toFixed(2), `${(100 * r.turnover).toFixed(2)} %`, format(primary, r.d, 1, true)]);
    const heads = ["policy", "cost, bp a year", "turnover a year", `${primary.display}, difference`];
    show(place, `${primary.display}, policy minus baseline, against turnover`, { width: WIDTH, height: 360, marginLeft: 60, marginRight: 140, x: { label: "turnover (one way), % a year", transform: (v) => v * 100 }, y: { label: `difference, ${unit(primary)}`, grid: true }, marks: marks("turnover") }, heads, cells);
    if (rows.some((r) => r.cost > 0)) show(place, `${primary.display}, policy minus baseline, against cost`, { width: WIDTH, height: 360, marginLeft: 60, marginRight: 140, x: { label: "cost, bp a year" }, y: { label: `difference, ${unit(primary)}`, grid: true }, marks: marks("cost") }, heads, cells);
  }

  // ---- by true regime
  function regimes(place) {
    const rows = data.regimes.filter((r) => r.s === state.scenario).map((r) => ({ ...r, name: policies.get(r.p).name, shown: clipped.get(r.p) }));
    if (!rows.length) return empty(place, "The market of this scenario has one regime, or no paths were followed by regime.");
    const others = rows.filter((r) => r.diff !== null);
    if (others.length) show(place, "Contribution to log growth by true regime, policy minus baseline",
      { width: WIDTH, height: 80 + 24 * new Set(others.map((r) => r.shown)).size * new Set(others.map((r) => r.regime)).size, marginLeft: left(others.map((r) => r.shown)), marginRight: 100, x: { label: "bp a year", grid: true }, y: { label: null, domain: data.policies.map((p) => clipped.get(p.id)).filter((name) => others.some((r) => r.shown === name)) }, fy: { label: null, domain: [...new Set(others.map((r) => r.regime))] }, marginBottom: 46,
        marks: [Plot.ruleX([0], { stroke: soft }), Plot.barX(others, { fy: "regime", y: "shown", x: "diff", fill: blue, fillOpacity: 0.6 }), Plot.ruleY(others.filter((r) => r.diff_se !== null), { fy: "regime", y: "shown", x1: (r) => r.diff - 1.96 * r.diff_se, x2: (r) => r.diff + 1.96 * r.diff_se, stroke: dark })] },
      ["policy", "regime", "difference, bp a year", "standard error"], others.map((r) => [r.name, r.regime, r.diff.toFixed(2), r.diff_se?.toFixed(2) ?? ""]));
    place.append(element("details", {}, element("summary", {}, "Table: exposure, turnover and cost by true regime"), table("On the first paths of the run, followed by regime", ["policy", "regime", "time", "growth exposure", "turnover a year", "cost, bp a year"],
      rows.map((r) => [r.name, r.regime, `${(100 * r.time).toFixed(1)} %`, r.exposure === null ? "" : `${(100 * r.exposure).toFixed(1)} %`, r.turnover === null ? "" : `${(100 * r.turnover).toFixed(2)} %`, r.cost === null ? "" : r.cost.toFixed(2)]))));
  }

  // ---- the worst path
  function worst(place) {
    const rows = data.worst.filter((r) => r.s === state.scenario);
    if (!rows.length) return empty(place, "No paths were followed over time.");
    const shown = drawn(rows);
    const lines = (measure, k) => shown.flatMap((r) => r.months.map((t, i) => ({ year: t / 12, policy: clipped.get(r.p), v: r[measure][i] * k })));
    place.append(element("p", {}, `Path ${rows[0].path}: of the paths followed month by month, the one with the largest ulcer index under the baseline.${data.replay ? " To see every step with the cause of each trade: " : ""}`,
      data.replay ? element("code", {}, `${data.replay} --path ${rows[0].path} --policy NAME --scenario ${state.scenario}`) : ""));
    const colour = { domain: [...new Set(shown.map((r) => clipped.get(r.p)))], range: palette, legend: true };
    for (const [measure, title, text, k] of [["wealth", "Wealth on this path", "currency", 1], ["drawdown", "Fall below the running peak on this path", "%", 100]]) {
      show(place, title, { width: WIDTH, height: 300, marginLeft: 80, x: { label: "years" }, y: { label: text, grid: true, reverse: measure === "drawdown", tickFormat: measure === "wealth" ? "~s" : undefined }, color: colour, marks: [Plot.lineY(lines(measure, k), { x: "year", y: "v", z: "policy", stroke: "policy" })] },
        ["policy", "at the end", "largest"], rows.map((r) => [policies.get(r.p).name, (r[measure].at(-1) * k).toLocaleString("en-US", { maximumSignificantDigits: 5 }), (Math.max(...r[measure]) * k).toLocaleString("en-US", { maximumSignificantDigits: 5 })]));
    }
    left_out(place, rows, shown);
  }

  // ---- committee, field, robustness
  const cell = (s, p, h, name) => { const m = metrics.get(metricId(name)), r = summary.get(key(s, p, h, m?.id)); return r && r.v !== null ? r.se === null ? format(m, r.v) : `${format(m, r.v, 0, false, r.se).replace(" %", "")} ± ${format(m, r.se, 1, false, r.se)}${mark(r.pr)}` : ""; };
  function committee(place) {
    const names = ["tracking_error_annual", "information_ratio", "relative_drawdown_max_frac", "underperformed_1y", "underperformed_3y", "underperformed_5y", "underperformed_10y", "outside_range_frac", "largest_trade_frac", "ulcer_index_unit_frac", "sortino_ratio", "rebalancing_premium_annual"].filter((n) => metricId(n) !== undefined);
    const h = last(state.scenario);
    const n = data.fans.find((f) => f.s === state.scenario)?.n;
    const paths = n ? ` of ${n.toLocaleString("en-US")} paths` : "";
    for (const [title, part] of [["Relative to the baseline", names.slice(0, 3)], ["Probability of being below the baseline", names.slice(3, 7)], ["Without the baseline", names.slice(7)]]) {
      place.append(table(`${title}; ${scenarios.get(state.scenario).name}, ${label(h)}: mean${paths} followed month by month ± standard error`, ["policy", ...part.map((n) => metrics.get(metricId(n)).display)],
        data.policies.map((p) => [p.name, ...part.map((n) => cell(state.scenario, p.id, h, n))]), data.policies.map((p) => (p.baseline ? "baseline" : undefined))));
    }
    const known = (n) => metricId(n) !== undefined && data.policies.some((p) => summary.get(key(state.scenario, p.id, h, metricId(n)))?.v != null);
    const account = ["cagr_unit_annual", "sharpe_ratio", "ce_wealth_gamma_3_nominal", "terminal_wealth_real", "funded_ratio", "shortfall_frac", "goal_reached"].filter(known);
    place.append(table("The account at the end: mean of all paths ± standard error", ["policy", ...account.map((n) => metrics.get(metricId(n)).display)],
      data.policies.map((p) => [p.name, ...account.map((n) => cell(state.scenario, p.id, h, n))]), data.policies.map((p) => (p.baseline ? "baseline" : undefined))));
    const spread = (p, name) => data.spreads.find((r) => r.s === state.scenario && r.p === p && r.h === h && r.m === metricId(name));
    const shown = ["rebalance_events", "turnover_one_way_annual"];
    place.append(table("Trades over the whole time and turnover a year, median and 95 % quantile of paths", ["policy", "trades p50", "trades p95", "turnover p50", "turnover p95"],
      data.policies.map((p) => [p.name, ...shown.flatMap((n) => { const m = metrics.get(metricId(n)), r = spread(p.id, n); return r ? [r.p50, r.p95].map((v) => (n === "rebalance_events" && Number.isInteger(v) ? String(v) : format(m, v))) : ["", ""]; })])));
  }
  function field(place) {
    const rows = data.tests.filter((t) => t.s === state.scenario && t.h === state.horizon && t.m === state.metric);
    if (!rows.length) return empty(place, "All policies are tested at once on the primary metric and on metrics with a margin.");
    const spa = rows.find((t) => t.test === "spa");
    if (spa) place.append(element("p", {}, `Superior predictive ability (Hansen 2005): the hypothesis that no policy is better than ${policies.get(spa.b)?.name ?? "its baseline"} has ${chance(spa.pv)}; ${spa.tried} policies were tried.`));
    const choice = rows.find((t) => t.test === "choice");
    if (choice) {
      const metric = metrics.get(state.metric), f = (value, error, signed) => format(metric, value, 1, signed, error);
      place.append(element("p", {}, `Chosen on the first half of the paths: ${policies.get(choice.p).name}, which leads ${policies.get(choice.b).name} by ${f(choice.chosen, choice.fresh_se, true)} there and by ${f(choice.fresh, choice.fresh_se, true)} ± ${f(choice.fresh_se, choice.fresh_se)} on the other half, which the choice has not seen. Optimism of the choice: ${f(choice.optimism, choice.optimism_se, true)} ± ${f(choice.optimism_se, choice.optimism_se)}${metric.format.endsWith("%") ? "" : ` ${metric.unit}`}.`));
    }
    const of = (test, p) => rows.find((t) => t.test === test && t.p === p);
    const yes = (found, word) => (found ? (found.in ? word : "no") : "");
    place.append(table("Stepwise superior set at 5 % (Romano and Wolf 2005), 90 % model confidence set (Hansen, Lunde and Nason 2011)", ["policy", "better than the baseline by any amount", "may be the best", "p of the confidence set"],
      data.policies.filter((p) => of("mcs", p.id)).map((p) => [p.name, yes(of("step_m", p.id), "yes"), yes(of("mcs", p.id), "yes"), chance(of("mcs", p.id).pv)])));
  }
  function robust(place) {
    const metric = metrics.get(state.metric);
    const rows = data.robust.filter((r) => r.m === state.metric && r.h === state.horizon);
    if (!rows.length || data.scenarios.length < 2) return empty(place, "The run has one scenario.");
    place.append(table(`${metric.display}, ${label(state.horizon)}`, ["policy", "best", "worst", "largest regret", "better in", "difference from", "to", "s.d. over scenarios", "largest s.e."],
      rows.map((r) => [policies.get(r.p).name, format(metric, r.best), format(metric, r.worst), format(metric, r.regret), r.better === null ? "" : `${Math.round(100 * r.better)} %`, format(metric, r.dmin, 1, true), format(metric, r.dmax, 1, true), format(metric, r.sd, 1), format(metric, r.se, 1)])));
  }

  // ---- drawing
  const parts = [["forest", forest], ["surface", surface], ["fan", fans], ["distribution", distributions], ["cost", costs], ["regime", regimes], ["worst", worst], ["committee", committee], ["field", field], ["robust", robust]];
  const draw = (name, make) => {
    const place = byId(name);
    place.replaceChildren();
    make(place);
  };
  // Charts out of sight are drawn when they are scrolled to, so that the page responds at once; printing draws all.
  const pending = new Set();
  const watch = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) drawPending(one.target.id);
  }, { rootMargin: "600px" });
  function drawPending(name) {
    if (!pending.delete(name)) return;
    const part = parts.find(([id]) => id === name);
    draw(part[0], part[1]);
  }
  function redraw(names = parts.map(([name]) => name)) {
    for (const name of names) {
      const place = byId(name);
      place.style.minHeight = `${Math.max(120, place.offsetHeight)}px`;
      pending.add(name);
      watch.unobserve(place);
      watch.observe(place);
    }
  }
  const drawAll = () => [...pending].forEach(drawPending);
  // For tests of the page: record errors, and draw everything at once.
  const broken = (text) => { document.documentElement.dataset.errors = `${document.documentElement.dataset.errors || ""}${text}; `; };
  window.addEventListener("error", (e) => broken(e.message));
  document.addEventListener("securitypolicyviolation", (e) => broken(`${e.violatedDirective} ${e.blockedURI}`));
  window.addEventListener("beforeprint", drawAll);
  window.corridorReport = { drawAll };

  if (state.scenario === undefined || state.metric === undefined) {
    document.documentElement.dataset.ready = "true";
    return;
  }
  function chooseHorizon(h) {
    const all = horizonsOf(state.scenario);
    state.horizon = all.includes(h) ? h : all.at(-1);
    choices(byId("horizon"), all.map((months) => [months, label(months)]), state.horizon);
  }
  const fanPolicies = data.policies.filter((p) => data.fans.some((f) => f.p === p.id));
  choices(byId("scenario"), data.scenarios.map((s) => [s.id, s.name]), state.scenario);
  choices(byId("metric"), data.metrics.map((m) => [m.id, m.display]), state.metric);
  choices(byId("fan-policy"), fanPolicies.map((p) => [p.id, p.name]), fanPolicies.find((p) => p.baseline)?.id);
  choices(byId("surface-x"), axes.map((a, i) => [i, a.name]), 0);
  choices(byId("surface-y"), [["", "the difference (curves)"], ...axes.map((a, i) => [i, a.name])], axes.length > 1 ? 1 : "");
  if (!axes.length) byId("s-surface").hidden = true;
  chooseHorizon(null);
  byId("scenario").addEventListener("change", (e) => { state.scenario = Number(e.target.value); chooseHorizon(state.horizon); redraw(); });
  byId("metric").addEventListener("change", (e) => { state.metric = Number(e.target.value); redraw(["forest", "surface", "field", "robust"]); });
  byId("horizon").addEventListener("change", (e) => { state.horizon = Number(e.target.value); redraw(); });
  byId("fan-policy").addEventListener("change", () => redraw(["fan"]));
  for (const id of ["surface-x", "surface-y"]) byId(id).addEventListener("change", () => redraw(["surface"]));
  redraw();
  if (location.hash === "#all") drawAll();
  document.documentElement.dataset.ready = "true";
})();
