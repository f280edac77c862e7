// Draws comparisons with the baseline: the sorted differences, curves and tables along swept numbers, and difference against cost.
"use strict";

// Say what a difference to the left and to the right of zero means.
const IN_WORDS = { ruined: ["fewer run out", "more run out"], goal_reached: ["fewer reach the goal", "more reach the goal"] };
function directions(metric) {
  const sides = metric.higher === true ? ["worse", "better"] : metric.higher === false ? ["better", "worse"] : ["less", "more"],
    words = isNarrow() ? undefined : IN_WORDS[metric.name];
  return words ? sides.map((side, at) => `${side}: ${words[at]}`) : sides;
}
const differenceLabel = (metric) => {
  const [less, more] = directions(metric);
  return `← ${less}     difference, ${unitOfDifference(metric)}     ${more} →`;
};
const withUnit = (metric, number, error, signed = true) => (number === null || number === undefined ? "" : format(metric, number, 1, signed, error));
const interval = (metric, low, high, error) =>
  low === null || low === undefined ? "" : `${withUnit(metric, low, error)} to ${withUnit(metric, high, error)}`;

// The differences of a metric, the best first, with the baseline at its place.
function sortedDifferences(metric) {
  const rows = data.policies
    .map((p) => ({ policy: p, ...compared.get(key(state.scenario, p.id, state.horizon, state.metric)) }))
    .filter((r) => r.d !== undefined && r.d !== null)
    .map((r) => ({ ...r, kind: verdictOf(r, r.policy), shown: clipped(r.policy.id) }));
  const without = data.policies.filter((p) => !compared.has(key(state.scenario, p.id, state.horizon, state.metric)));
  if (rows.length && without.length === 1) rows.push({ policy: without[0], d: 0, isBaseline: true, shown: `${clipped(without[0].id)} (baseline)` });
  return rows.sort((a, b) => (metric.higher === false ? a.d - b.d : b.d - a.d));
}
function forest(place) {
  const metric = metrics.get(state.metric);
  const rows = sortedDifferences(metric);
  if (!rows.length) return empty(place, "This metric is not compared: it is relative to the baseline already, or has no value here.");
  const k = axisScale(metric),
    margin = marginOf(metric),
    names = rows.map((r) => r.shown);
  const ends = rows
    .flatMap((r) => [r.d, r.slo ?? r.lo ?? r.d, r.shi ?? r.hi ?? r.d])
    .map((v) => v * k)
    .concat(margin ? [margin * k, -margin * k] : []);
  const [low, high] = d3.extent(ends),
    pad = 0.05 * (high - low) || 1;
  const judged = rows.filter((r) => !r.isBaseline);
  const marks = [];
  if (margin) marks.push(Plot.rectX([margin], { x1: -margin * k, x2: margin * k, fill: soft, fillOpacity: 0.13 }));
  marks.push(Plot.ruleX([0], { stroke: soft }));
  marks.push(
    Plot.ruleY(
      judged.filter((r) => r.slo !== null),
      { y: "shown", x1: (r) => r.slo * k, x2: (r) => r.shi * k, stroke: (r) => r.kind.colour, strokeWidth: 1.5 },
    ),
  );
  marks.push(
    Plot.ruleY(
      judged.filter((r) => r.lo !== null),
      { y: "shown", x1: (r) => r.lo * k, x2: (r) => r.hi * k, stroke: (r) => r.kind.colour, strokeWidth: 5, strokeOpacity: 0.4 },
    ),
  );
  const dots = (symbol, options) =>
    Plot.dot(
      judged.filter((r) => r.kind.symbol === symbol),
      { y: "shown", x: (r) => r.d * k, stroke: (r) => r.kind.colour, fill: (r) => r.kind.colour, r: 4.5, ...options },
    );
  marks.push(
    dots("triangle", { symbol: "triangle" }),
    dots("down", { symbol: "triangle", rotate: 180 }),
    dots("circle", {}),
    dots("open", { fill: "var(--ground)", strokeWidth: 1.5 }),
    dots("diamond", { symbol: "diamond", fill: "var(--ground)", strokeWidth: 1.5 }),
  );
  marks.push(
    Plot.dot(
      rows.filter((r) => r.isBaseline),
      { y: "shown", x: 0, symbol: "square", fill: dark, r: 4 },
    ),
  );
  marks.push(...namesAbove(rows, (r) => r.kind?.colour ?? dark));
  marks.push(
    Plot.text(judged, {
      y: "shown",
      x: () => high + pad,
      text: (r) => withUnit(metric, r.d, r.se) + mark(r.pr),
      textAnchor: "start",
      dx: 6,
      fill: (r) => r.kind.colour,
      fontSize: 12,
    }),
  );
  const title = `${metric.display}, each rule minus its baseline${where(labelOf(state.horizon))}`;
  const symbols = legend([...new Set(judged.map((r) => r.kind))].concat(margin ? [{ word: "grey: within the margin" }] : []));
  chart(
    place,
    title,
    {
      marginLeft: marginFor(names),
      marginRight: 78,
      height: 60 + heightOf(rows, rows.length > 30 ? 17 : 24),
      x: { label: differenceLabel(metric), grid: true, domain: [low - pad, high + pad] },
      y: rowScale(names),
      marks,
    },
    ["rule", "verdict", `difference, ${unitOfDifference(metric)}`, "standard error", "95 % (this rule alone)", "95 % (all rules together)"],
    rows.map((r) =>
      r.isBaseline
        ? [r.policy.name, "baseline"]
        : [
            r.policy.name,
            r.kind.word,
            withUnit(metric, r.d, r.se) + mark(r.pr),
            withUnit(metric, r.se, r.se, false).replace(" %", ""),
            interval(metric, r.lo, r.hi, r.se),
            interval(metric, r.slo, r.shi, r.se),
          ],
    ),
    { before: symbols, higher: metric.higher },
  );
}

// ---- swept numbers
const axes = data.axes; // [{name, label, of: "policy"|"scenario", values: {id: number or text}}]
const axisValue = (axis, row) => axis.values[axis.of === "policy" ? row.p : row.s];
// All differences of the chosen metric; those of the chosen scenario unless an axis runs across scenarios.
function sweptRows(...used) {
  const across = used.some((a) => a.of === "scenario");
  const rows = data.compare.filter((r) => r.m === state.metric && r.d !== null && r.h === last(r.s) && (across || r.s === state.scenario));
  return rows.filter((r) => used.every((a) => axisValue(a, r) !== undefined));
}
// Two axes make a table where at least two values of one meet two values of the other.
const several = (of, rows) => new Set(rows.map(of)).size > 1;
function makeTable(x, y) {
  const rows = x === y ? [] : sweptRows(x, y);
  return several((r) => axisValue(x, r), rows) && several((r) => axisValue(y, r), rows);
}
const partners = (x) => axes.filter((y) => makeTable(x, y));
// Begin with a table where two numbers of the same rules were swept, else with curves; along an axis that has a break-even point if one has.
function openingAxes() {
  const ofRules = axes.filter((a) => a.of === "policy");
  for (const x of ofRules) for (const y of partners(x)) if (y.of === "policy") return [x, y];
  return [axes.find((a) => data.break_even.some((b) => b.axis === a.name)) || ofRules[0] || axes[0], null];
}
function chooseAxes(x, up) {
  choices(
    byId("surface-x"),
    axes.map((a, at) => [at, a.label]),
    axes.indexOf(x),
  );
  choices(
    byId("surface-y"),
    [["", "the difference (curves)"], ...partners(x).map((a) => [axes.indexOf(a), `${a.label} (table)`])],
    up ? axes.indexOf(up) : "",
  );
}
function surface(place) {
  const metric = metrics.get(state.metric);
  const x = axes[Number(byId("surface-x").value)],
    up = byId("surface-y").value;
  if (!x) return;
  if (!sweptRows(x).length) return empty(place, "This metric has no differences along the swept numbers.");
  if (up === "") for (const axis of [x, ...otherCrossings(x)]) curves(place, metric, axis);
  else sweptTable(place, metric, x, axes[Number(up)]);
}
// Other axes along which a rule breaks even on the metric: each has a chart of its own, because each may be the question.
const CROSSED_MAX = 2;
function otherCrossings(x) {
  const isCrossed = (axis) => axis !== x && data.break_even.some((b) => b.axis === axis.name && isShown(b));
  return axes.filter((axis) => isCrossed(axis) && sweptRows(axis).length).slice(0, CROSSED_MAX);
}
const isShown = (b) => b.m === state.metric && (b.scenario === "" || b.scenario === scenarios.get(state.scenario).key);
function curves(place, metric, x) {
  const k = axisScale(metric),
    margin = marginOf(metric);
  const nameRow = (r) => {
    const others = axes.filter((a) => a !== x && a.of === x.of && axisValue(a, r) !== undefined).map((a) => `${a.label} ${axisValue(a, r)}`);
    return [x.of === "policy" ? policies.get(r.p).name.split("[")[0] : policies.get(r.p).name, ...others].join(", ");
  };
  const rows = sweptRows(x)
    .map((r) => ({ ...r, x: axisValue(x, r), group: nameRow(r) }))
    .sort((a, b) => (a.x > b.x ? 1 : -1));
  const reach = (group) => Math.max(...rows.filter((r) => r.group === group).map((r) => Math.abs(r.d) + (policies.get(r.p).about ? 1e9 : 0)));
  const groups = [...new Set(rows.map((r) => r.group))],
    kept = [...groups].sort((a, b) => reach(b) - reach(a)).slice(0, strokes.length - 1);
  const strokeOf = new Map(kept.map((group, at) => [group, strokes[at + 1]]));
  const shown = rows.filter((r) => strokeOf.has(r.group)),
    colour = (r) => strokeOf.get(r.group).colour;
  const numeric = rows.every((r) => typeof r.x === "number");
  const marks = [Plot.ruleY([0], { stroke: soft })];
  if (margin) marks.unshift(Plot.rectY([0], { y1: -margin * k, y2: margin * k, fill: soft, fillOpacity: 0.13 }));
  if (numeric)
    marks.push(
      Plot.areaY(
        shown.filter((r) => r.lo !== null),
        { x: "x", y1: (r) => r.lo * k, y2: (r) => r.hi * k, z: "group", fill: colour, fillOpacity: 0.18 },
      ),
    );
  for (const [group, stroke] of strokeOf) {
    marks.push(
      Plot.lineY(
        shown.filter((r) => r.group === group),
        { x: "x", y: (r) => r.d * k, stroke: stroke.colour, strokeDasharray: stroke.dash, strokeWidth: 1.8 },
      ),
    );
  }
  marks.push(Plot.dot(shown, { x: "x", y: (r) => r.d * k, fill: colour, r: 3 }));
  const scenario = x.of === "policy" && data.scenarios.length > 1 ? `, ${scenarios.get(state.scenario).name}` : "";
  const crossings = numeric ? data.break_even.filter((b) => b.axis === x.name && isShown(b)) : [];
  marks.push(Plot.ruleX(crossings, { x: "value", stroke: dark, strokeDasharray: "4 3" }));
  const ends = kept.map((group) => {
    const end = shown.filter((r) => r.group === group).at(-1);
    return { text: group, ...strokeOf.get(group), x: end.x, y: end.d * k };
  });
  const shades = legend(
    [numeric && "bands: 95 % range of each rule alone", margin && "grey: within the margin"].flatMap((word) => (word ? { word } : [])),
  );
  const plot = chart(
    place,
    `${metric.display}, each rule minus its baseline, along ${x.label}${scenario}`,
    {
      height: 380,
      marginLeft: 60,
      marginTop: 30 + LANE * Math.min(NAMED_CROSSINGS, crossings.length),
      marginRight: marginOfNames(ends),
      x: { label: x.label, type: numeric ? "linear" : "point" },
      y: { label: upward(`difference, ${unitOfDifference(metric)}`, metric.higher), grid: true },
      marks,
    },
    [x.label, "rule", `difference, ${unitOfDifference(metric)}`, "95 %", "verdict"],
    rows.map((r) => [String(r.x), r.group, withUnit(metric, r.d, r.se), interval(metric, r.lo, r.hi, r.se), r.v ?? ""]),
    { before: shades, higher: metric.higher },
  );
  nameCrossings(plot, crossings.slice(0, NAMED_CROSSINGS));
  nameLines(plot, ends);
  for (const crossing of crossings) empty(place, crossing.text);
  if (groups.length > kept.length) empty(place, `Drawn: ${kept.length} of ${groups.length} lines. All are in the table.`);
}
// Name crossings above the frame, in as many lanes as keep the names apart.
const NAMED_CROSSINGS = 3,
  LANE = 15;
function nameCrossings(plot, crossings) {
  const x = plot.scale("x"),
    top = Math.min(...plot.scale("y").range),
    right = Number(plot.getAttribute("width")),
    taken = [];
  for (const { value, near } of crossings) {
    const text = `even at ${near}`,
      half = 3.6 * text.length,
      at = Math.max(half, Math.min(right - half, x.apply(value)));
    let lane = 0;
    while (taken.some((other) => other.lane === lane && Math.abs(other.at - at) < other.half + half)) lane += 1;
    taken.push({ at, half, lane });
    const place = { x: at, y: top - 7 - LANE * lane, "text-anchor": "middle", fill: dark, "font-size": 12, "font-weight": 600 };
    plot.append(drawing("text", place, text));
  }
}
function sweptTable(place, metric, x, y) {
  const k = axisScale(metric),
    cells = new Map();
  for (const r of sweptRows(x, y)) {
    const at = key(axisValue(x, r), axisValue(y, r)),
      cell = cells.get(at) || { x: axisValue(x, r), y: axisValue(y, r), rows: [] };
    cell.rows.push(r);
    cells.set(at, cell);
  }
  const all = [...cells.values()];
  for (const cell of all) cell.d = d3.mean(cell.rows, (r) => r.d);
  const order = (of) => [...new Set(all.map(of))].sort((a, b) => (a > b ? 1 : -1));
  // The scale reaches at least to the margin, so that an equivalent difference looks pale.
  const most = Math.max(...all.map((c) => Math.abs(c.d)), marginOf(metric) || 0) * k || 1;
  const shaded = (cell) => {
    if (!cell) return "";
    const good = metric.higher === false ? cell.d < 0 : cell.d > 0;
    return {
      text: withUnit(metric, cell.d, cell.rows[0].se),
      colour: good ? "var(--better)" : "var(--worse)",
      strength: Math.abs(cell.d * k) / most,
    };
  };
  const averaged = all.some((c) => c.rows.length > 1) ? "; mean over the other swept numbers" : "";
  const scenario = x.of === "policy" && y.of === "policy" && data.scenarios.length > 1 ? `, ${scenarios.get(state.scenario).name}` : "";
  const layout = `${y.label} down, ${x.label} across${scenario}${averaged}`;
  const title = `${metric.display}, difference from the baseline, ${unitOfDifference(metric)}: ${layout}`,
    isJudged = typeof metric.higher === "boolean";
  place.append(
    legend([
      { ...verdicts.better, word: isJudged ? "blue: better" : "blue: more" },
      { ...verdicts.worse, word: isJudged ? "orange: worse" : "orange: less" },
    ]),
    table(
      captioned(title, metric.higher),
      [`${y.label} \\ ${x.label}`, ...order((c) => c.x).map(String)],
      order((c) => c.y).map((own) => [String(own), ...order((c) => c.x).map((across) => shaded(cells.get(key(across, own))))]),
    ),
  );
}

// ---- cost and turnover
// Where cost is about one rate of what is traded, the cloud over cost is the cloud over turnover.
function isOneRate(rows) {
  const [cost, turnover] = [rows.map((r) => r.cost), rows.map((r) => r.turnover)],
    spread = d3.deviation(cost) * d3.deviation(turnover);
  if (!(spread > 0)) return true;
  const [x, y] = [d3.mean(cost), d3.mean(turnover)];
  return d3.sum(rows, (r) => (r.cost - x) * (r.turnover - y)) / (rows.length - 1) / spread > 0.98;
}
const NAMED_MAX = 60;
function costs(place) {
  const rows = data.policies
    .map((p) => ({ p, name: p.name, cost: value(p.id, "cost_bps_annual"), turnover: value(p.id, "turnover_one_way_annual"), r: difference(p.id) }))
    .filter((r) => r.cost !== null && r.turnover !== null)
    .map((r) => ({ ...r, d: r.p.baseline ? 0 : (r.r?.d ?? null) }))
    .filter((r) => r.d !== null)
    .map((r) => ({ ...r, colour: r.p.baseline ? dark : verdictOf(r.r, r.p).colour }));
  if (!rows.length) {
    const isKnown = data.summary.some((r) => r.m === metricId("turnover_one_way_annual"));
    return empty(
      place,
      isKnown
        ? "No rule has both a cost and a difference from the baseline."
        : "With this many rules the page has no room for their turnover; fact_summary.parquet has it.",
    );
  }
  const k = axisScale(primary);
  const cells = rows.map((r) => [
    r.name,
    r.p.baseline ? "" : withUnit(primary, r.d, r.r?.se) + mark(r.r?.pr),
    printed(r.cost, 2),
    percent(r.turnover, 2),
  ]);
  const heads = ["rule", `difference, ${unitOfDifference(primary)}`, "cost, bp a year", "turnover a year"];
  // Too many names are a blot: then those of the question, the baseline, and the furthest are named.
  const weight = (r) => (r.p.baseline || r.p.about ? 1e9 : 0) + Math.abs(r.d);
  const kept = new Set([...rows].sort((a, b) => weight(b) - weight(a)).slice(0, NAMED_MAX)),
    named = rows.filter((r) => kept.has(r));
  const draw = (of, name, label) => {
    const pad = (range) => {
      const wide = 0.06 * (range[1] - range[0]) || 1;
      return [range[0] - wide, range[1] + wide];
    };
    const low = d3.min(rows, (r) => Math.min(r.d, r.r?.lo ?? r.d) * k),
      high = d3.max(rows, (r) => Math.max(r.d, r.r?.hi ?? r.d) * k);
    const plot = chart(
      place,
      `${primary.display}, each rule minus its baseline, against ${name}`,
      {
        height: 400,
        marginTop: 40,
        marginLeft: 60,
        marginRight: 20,
        x: { label, domain: pad(d3.extent(rows, of)) },
        y: { label: upward(`difference, ${unitOfDifference(primary)}`, primary.higher), grid: true, domain: pad([low, high]) },
        marks: [
          Plot.ruleY([0], { stroke: soft }),
          Plot.ruleX(
            rows.filter((r) => (r.r?.lo ?? null) !== null),
            { x: of, y1: (r) => r.r.lo * k, y2: (r) => r.r.hi * k, stroke: "colour" },
          ),
          Plot.dot(rows, { x: of, y: (r) => r.d * k, fill: "colour", r: 4, title: "name" }),
        ],
      },
      heads,
      cells,
      { higher: primary.higher },
    );
    namePoints(
      plot,
      named.map((r) => ({ px: of(r), py: r.d * k, text: r.name, colour: r.colour })),
      { rules: [0], top: 24 },
    );
    if (named.length < rows.length) empty(place, `Named: ${named.length} of ${rows.length} rules. All are in the table.`);
  };
  empty(place, "Differences are after costs. Of two rules that gain alike, the one further to the left trades less.");
  draw((r) => 100 * r.turnover, "turnover (one way)", "turnover (one way), % a year");
  if (rows.some((r) => r.cost > 0) && !isOneRate(rows)) draw((r) => r.cost, "cost", "cost, bp a year");
}
