// Draws what becomes of the account: how long it lasts, wealth over time and at the end, large falls, and the path that hurt most.
"use strict";

const levelsOf = (s, p, h, name) => data.exceedance.filter((r) => r.s === s && r.p === p && r.h === h && r.m === metricId(name) && r.v !== null);
const years = (months) => String(Math.round((months / 12) * 100) / 100);

// The chance that the account lasts, and that it runs out, to the horizon, with the digits of the tables.
function chanceOf(p, h, hasMoney) {
  const metric = metrics.get(metricId("ruined")),
    r = summary.get(key(state.scenario, p, h, metric?.id));
  return r && r.v !== null ? format(metric, hasMoney ? 1 - r.v : r.v, 0, false, r.se) : "";
}

// ---- how long the account lasts
function survival(place) {
  const end = last(state.scenario);
  const all = data.policies.map((p) => ({ p: p.id, rows: levelsOf(state.scenario, p.id, end, "ruin_month") })).filter((r) => r.rows.length);
  if (!all.length) return empty(place, "In this scenario no account becomes empty on any path.");
  const shown = drawn(all);
  const points = (line) => [{ x: 0, v: 1, lo: 1, hi: 1 }, ...line.rows.map((r) => ({ x: r.x / 12, v: r.v, lo: r.lo, hi: r.hi }))];
  const lowest = Math.min(...shown.flatMap((line) => line.rows.map((r) => r.lo)));
  const floor = Math.max(0, Math.floor(lowest * 10) * 10);
  const marks = shown.flatMap((line) => [
    Plot.areaY(points(line), { x: "x", y1: (r) => 100 * r.lo, y2: (r) => 100 * r.hi, fill: line.stroke.colour, fillOpacity: 0.2 }),
    Plot.lineY(points(line), { x: "x", y: (r) => 100 * r.v, stroke: line.stroke.colour, strokeWidth: 2, strokeDasharray: line.stroke.dash }),
  ]);
  const ends = shown.map((line) => ({
    text: `${policies.get(line.p).name} ${chanceOf(line.p, end, true)}`,
    ...line.stroke,
    x: line.rows.at(-1).x / 12,
    y: 100 * line.rows.at(-1).v,
  }));
  const step = Math.max(1, Math.round(all[0].rows.length / 6));
  const kept = all[0].rows.map((_, at) => at).filter((at) => (at + 1) % step === 0 || at === all[0].rows.length - 1);
  const plot = chart(
    place,
    `Share of paths on which there is still money, by year${where()}`,
    {
      height: 340,
      marginLeft: 50,
      marginTop: 30,
      marginRight: marginOfNames(ends),
      x: { label: "years" },
      y: { label: upward("still funded, %", true), grid: true, domain: [floor, 100] },
      marks,
    },
    ["rule", ...kept.map((at) => `year ${years(all[0].rows[at].x)}`)],
    all.map((line) => [
      nameOf(line.p),
      ...kept.map((at) => {
        const r = line.rows[at];
        return r ? `${percent(r.v)} (${printed(100 * r.lo, 1)} to ${printed(100 * r.hi, 1)})` : "";
      }),
    ]),
    { higher: true },
  );
  nameLines(plot, ends);
  empty(place, `Bands: 95 % range of the simulation.${floor > 0 ? ` The axis begins at ${floor} %.` : ""}`);
  leftOut(place, all, shown);
}

// ---- wealth over time
function fanOf(policy) {
  const found = data.fans.find((f) => f.s === state.scenario && f.p === policy);
  const isReal = byId("fan-money").value === "real";
  const at = (percentile) => data.fan_percents.indexOf(percentile);
  if (!found || at(10) < 0) return null;
  const rows = found.months.map((months, i) => {
    const prices = isReal ? pricesAt(state.scenario, months) : 1;
    return {
      x: months / 12,
      ...Object.fromEntries(data.fan_percents.map((percentile) => [`p${percentile}`, found.wealth[at(percentile)][i] / prices])),
    };
  });
  return { p: policy, n: found.n, rows };
}
function goalLine(rows) {
  const { goal, goal_indexed: indexed } = scenarios.get(state.scenario),
    isReal = byId("fan-money").value === "real";
  if (!goal) return [];
  return rows.map((r) => ({ x: r.x, y: goal * (indexed === isReal ? 1 : pricesAt(state.scenario, 12 * r.x) ** (isReal ? -1 : 1)) }));
}
// Name the paths that were followed month by month, and say that the tables use more where they do.
const thousands = (n) => printed(n, 0, false, true);
const isSome = (n) => thousands(n) !== document.body.dataset.paths;
const someOf = (n) => `${isSome(n) ? "the first " : ""}${thousands(n)} paths`;
const onlySome = (n) => (isSome(n) ? ` The tables use all ${document.body.dataset.paths} paths, so their numbers differ a little.` : "");
// The payments that the account makes and gets: wealth is what is left beside them.
const flowsOf = (id) => {
  const flows = scenarios.get(id)?.flows;
  return flows ? ` The account ${flows}.` : "";
};
function fans(place) {
  const first = fanOf(Number(byId("fan-policy").value)),
    beside = byId("fan-beside").value,
    second = beside === "" ? null : fanOf(Number(beside));
  if (!first) return empty(place, "Paths of this rule were not followed over time.");
  const own = "var(--line-1)",
    other = "var(--line-2)",
    name = (fan) => policies.get(fan.p).name;
  const inMoney = byId("fan-money").value === "real" && hasInflation ? "money of today" : "money of the time";
  const goal = goalLine(first.rows),
    highest = Math.max(...first.rows.map((r) => r.p90), ...(second?.rows.map((r) => r.p50) ?? []), ...goal.map((r) => r.y));
  const band = (low, high, opacity) => Plot.areaY(first.rows, { x: "x", y1: low, y2: high, fill: own, fillOpacity: opacity });
  const line = (fan, y, colour, dash, strokeWidth) => Plot.lineY(fan.rows, { x: "x", y, stroke: colour, strokeWidth, strokeDasharray: dash });
  const marks = [band("p10", "p90", 0.13), band("p25", "p75", 0.2), line(first, "p50", own, null, 2.5), line(first, "p10", own, null, 1)];
  if (second) marks.push(line(second, "p50", other, "8 3", 2.5), line(second, "p10", other, "8 3", 1));
  if (goal.length) marks.push(Plot.lineY(goal, { x: "x", y: "y", stroke: dark, strokeDasharray: "2 3" }));
  const end = (fan, y, text, colour) => ({ text, colour, dash: fan === second ? "8 3" : null, x: fan.rows.at(-1).x, y: fan.rows.at(-1)[y] });
  const ends = [end(first, "p50", `${name(first)}: median`, own), end(first, "p10", `${name(first)}: worst 1 in 10`, own)];
  if (second) ends.push(end(second, "p50", `${name(second)}: median`, other), end(second, "p10", `${name(second)}: worst 1 in 10`, other));
  if (goal.length) ends.push({ text: "goal", colour: dark, dash: "2 3", x: goal.at(-1).x, y: goal.at(-1).y });
  const marginRight = marginOfNames(ends),
    marginLeft = 60;
  const shownPercents = [10, 25, 50, 75, 90],
    thin = first.rows.filter((_, i) => i % Math.ceil(first.rows.length / 31) === 0 || i === first.rows.length - 1);
  const plot = chart(
    place,
    `Wealth over time, ${inMoney}: ${policies.get(first.p).name}${second ? ` beside ${policies.get(second.p).name}` : ""}`,
    {
      height: 370,
      marginTop: 30,
      marginLeft,
      marginRight,
      x: { label: "years" },
      y: { label: upward(inMoney, true), grid: true, domain: [0, highest * 1.03], tickFormat: "~s" },
      marks,
    },
    ["years", ...shownPercents.map((p) => `${p} %`)],
    thin.map((r) => [years(12 * r.x), ...shownPercents.map((p) => money(r[`p${p}`]))]),
    { higher: true },
  );
  nameLines(plot, ends);
  empty(place, `Bands of ${policies.get(first.p).name}: the middle half and the middle 8 in 10 of ${someOf(first.n)}.${flowsOf(state.scenario)}${onlySome(first.n)}`);
  const ruin = [
    [first, own, null],
    [second, other, "8 3"],
  ]
    .filter(([fan]) => fan)
    .map(([fan, colour, dash]) => ({ fan, colour, dash, rows: levelsOf(state.scenario, fan.p, last(state.scenario), "ruin_month") }))
    .filter((r) => r.rows.length);
  if (!ruin.length) return;
  const ranOut = (r) => [{ x: 0, y: 0 }, ...r.rows.map((level) => ({ x: level.x / 12, y: 100 * (1 - level.v) }))];
  const below = chart(place, "Share of paths that ran out of money by then", {
    height: 150,
    marginLeft,
    marginRight,
    marginTop: 28,
    x: { label: "years" },
    y: { label: upward("ran out, %", false), grid: true, ticks: 3 },
    marks: ruin.flatMap((r) => [
      Plot.areaY(ranOut(r), { x: "x", y: "y", fill: r.colour, fillOpacity: 0.12 }),
      Plot.lineY(ranOut(r), { x: "x", y: "y", stroke: r.colour, strokeDasharray: r.dash, strokeWidth: 2 }),
    ]),
  });
  nameLines(
    below,
    ruin.map((r) => ({
      text: `${name(r.fan)}: ${chanceOf(r.fan.p, last(state.scenario), false)}`,
      colour: r.colour,
      dash: r.dash,
      x: r.rows.at(-1).x / 12,
      y: 100 * (1 - r.rows.at(-1).v),
    })),
  );
}

// ---- wealth at the end and the largest fall, one row a rule
function quantileRows(place, name, title, axis) {
  const m = metricId(name),
    metric = metrics.get(m);
  const all = data.policies
    .map((p) => ({ policy: p, ...spreads.get(key(state.scenario, p.id, state.horizon, m)) }))
    .filter((r) => ["p05", "p25", "p50", "p75", "p95"].every((quantile) => (r[quantile] ?? null) !== null));
  if (!all.length) return;
  const k = axisScale(metric),
    weight = (r) => (r.policy.baseline || r.policy.about ? 1e18 : 0) + Math.abs(r.p50 - all[0].p50);
  const kept = new Set([...all].sort((a, b) => weight(b) - weight(a)).slice(0, 40));
  const rows = all
    .filter((r) => kept.has(r))
    .map((r) => ({
      ...r,
      shown: `${clipped(r.policy.id)}${r.policy.baseline ? " (baseline)" : ""}`,
      colour: r.policy.baseline ? dark : "var(--line-1)",
      ruined: value(r.policy.id, "ruined") || 0,
    }))
    .sort((a, b) => (metric.higher === false ? a.p50 - b.p50 : b.p50 - a.p50));
  const isMoney = metric.format.includes(","),
    anyRuin = isMoney && rows.some((r) => r.ruined > 0),
    names = rows.map((r) => r.shown);
  const dots = (column, r) => Plot.dot(rows, { y: "shown", x: (row) => row[column] * k, fill: "colour", r });
  const shownNumber = (number) => (isMoney ? money(number) : format(metric, number));
  const plot = chart(
    place,
    `${title}${where(labelOf(state.horizon))}`,
    {
      height: 62 + heightOf(rows, 22),
      marginLeft: marginFor(names),
      marginRight: anyRuin ? (isNarrow() ? 100 : 160) : 24,
      x: { label: rightward(axis, metric.higher), grid: true, nice: true, zero: true, tickFormat: isMoney ? "~s" : undefined },
      y: rowScale(names),
      marks: [
        Plot.ruleY(rows, { y: "shown", x1: (r) => r.p05 * k, x2: (r) => r.p95 * k, stroke: "colour", strokeWidth: 1.2 }),
        Plot.ruleY(rows, { y: "shown", x1: (r) => r.p25 * k, x2: (r) => r.p75 * k, stroke: "colour", strokeWidth: 6, strokeOpacity: 0.4 }),
        dots("p05", 2.5),
        dots("p25", 2.5),
        dots("p75", 2.5),
        dots("p95", 2.5),
        dots("p50", 5),
        ...namesAbove(rows, "colour"),
      ],
    },
    ["rule", "5 %", "25 %", "median", "75 %", "95 %", anyRuin ? "ran out" : ""],
    all.map((r) => [
      nameOf(r.policy.id),
      ...["p05", "p25", "p50", "p75", "p95"].map((p) => shownNumber(r[p])),
      anyRuin ? chanceOf(r.policy.id, state.horizon, false) : "",
    ]),
    { higher: metric.higher },
  );
  // A bar as long as the share of paths that are missing from the right of zero.
  const x = plot.scale("x"),
    y = plot.scale("y"),
    from = x.range[1] + (isNarrow() ? 4 : 14),
    half = (y.bandwidth ?? 0) / 2,
    full = isNarrow() ? 0 : 46;
  for (const r of anyRuin ? rows.filter((row) => row.ruined > 0) : []) {
    const at = y.apply(r.shown) + half,
      text = `${chanceOf(r.policy.id, state.horizon, false)} ran out`;
    plot.append(drawing("rect", { x: from, y: at - 6, width: full * r.ruined, height: 12, fill: "var(--worse)" }));
    plot.append(
      drawing("text", { x: from + full * r.ruined + 6, y: at, dy: "0.32em", "text-anchor": "start", fill: "var(--worse)", "font-size": 12 }, text),
    );
  }
  if (all.length > rows.length) empty(place, `Drawn: ${rows.length} of ${all.length} rules. All are in the table.`);
}
function distributions(place) {
  empty(place, "Large dot: median. Thick line: the middle half of the paths. Small dots: 5, 25, 75 and 95 %.");
  const real = hasInflation && data.spreads.some((r) => r.m === metricId("terminal_wealth_real"));
  if (real) quantileRows(place, "terminal_wealth_real", "Wealth at the end, in money of today", "money of today");
  else quantileRows(place, "terminal_wealth_nominal", "Wealth at the end", "money of the time");
  quantileRows(place, "max_drawdown_unit_frac", "Largest fall below an earlier peak, without flows", "largest fall, %");
  falls(place);
}
// The chance of a large fall at some time before the horizon.
function falls(place) {
  const rows = data.policies
    .map((p) => ({ p, levels: levelsOf(state.scenario, p.id, state.horizon, "max_drawdown_unit_frac") }))
    .filter((r) => r.levels.length);
  if (!rows.length) return;
  const heads = rows[0].levels.map((level) => `by more than ${percent(level.x, 0)}`);
  const shaded = (level) => ({ text: percent(level.v, level.v > 0.9995 || level.v < 0.0005 ? 0 : 1), colour: "var(--worse)", strength: level.v });
  place.append(
    table(
      captioned(`Chance that the value, without flows, falls below an earlier peak within ${labelOf(state.horizon)}`, false),
      ["rule", ...heads],
      rows.map((r) => [nameOf(r.p.id), ...r.levels.map(shaded)]),
    ),
  );
}

// ---- the path that hurt most
function worst(place) {
  const all = data.worst.filter((r) => r.s === state.scenario);
  if (!all.length) return empty(place, "No paths were followed over time.");
  const shown = drawn(all, isNarrow() ? 4 : 5);
  const replay = data.replay ? element("code", {}, `${data.replay} --path ${all[0].path} --policy NAME --scenario ${state.scenario}`) : "";
  const n = data.fans.find((f) => f.s === state.scenario)?.n,
    which = `of ${n ? `${someOf(n)}, which are followed month by month` : "the paths followed month by month"}, the one on which the baseline is furthest below its peak for longest`;
  const every = replay ? " Every step, with the cause of each trade: " : "";
  place.append(element("p", { class: "note" }, `Path ${all[0].path}: ${which}.${every}`, replay));
  // An empty account has no further history: its lines end there.
  const emptied = (r) => r.wealth.findIndex((w, i) => i > 0 && w <= 0);
  const until = (r) => (emptied(r) < 0 ? r.months.length : emptied(r) + 1);
  const inMoney = hasInflation ? "money of today" : "money of the time";
  const wealth = (r, i) => r.wealth[i] / pricesAt(state.scenario, r.months[i]);
  const fall = (r, i) => 100 * r.drawdown[i];
  const yearOf = (r) => Math.ceil(r.months[emptied(r)] / 12);
  for (const [of, title, axis, isFall] of [
    [wealth, `Wealth on this path, ${inMoney}`, upward(inMoney, true), false],
    [fall, "Fall below the earlier peak on this path, without flows", "fall, % (↑ a smaller fall is better)", true],
  ]) {
    const points = (r) => r.months.slice(0, until(r)).map((t, i) => ({ x: t / 12, y: of(r, i) }));
    const end = (r) => points(r).at(-1);
    const ends = shown.map((r) => ({
      text: policies.get(r.p).name + (emptied(r) < 0 ? "" : `: empty in year ${yearOf(r)}`),
      ...r.stroke,
      ...end(r),
    }));
    const largest = (r) => Math.max(...points(r).map((point) => point.y));
    const text = (number) => (isFall ? `${printed(number, 1)} %` : money(number));
    const plot = chart(
      place,
      title,
      {
        height: 310,
        marginTop: 30,
        marginLeft: 60,
        marginRight: marginOfNames(ends),
        x: { label: "years" },
        y: { label: axis, grid: true, reverse: isFall, zero: true, tickFormat: isFall ? undefined : "~s" },
        marks: shown.flatMap((r) => [
          Plot.lineY(points(r), { x: "x", y: "y", stroke: r.stroke.colour, strokeDasharray: r.stroke.dash, strokeWidth: 1.6 }),
          Plot.dot(emptied(r) < 0 ? [] : [end(r)], { x: "x", y: "y", symbol: "times", stroke: r.stroke.colour, strokeWidth: 2, r: 5 }),
        ]),
      },
      ["rule", isFall ? "largest fall" : "highest", "at the end", "empty"],
      all.map((r) => [nameOf(r.p), text(largest(r)), text(end(r).y), emptied(r) < 0 ? "" : `in year ${yearOf(r)}`]),
      { higher: !isFall },
    );
    nameLines(plot, ends);
  }
  leftOut(place, all, shown);
}
