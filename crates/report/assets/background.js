// Makes the tables behind the comparison: markets in which a rule earned, risk against the baseline, tests of all rules, scenarios.
"use strict";

// ---- by true regime
function regimes(place) {
  const rows = data.regimes.filter((r) => r.s === state.scenario);
  if (!rows.length) return empty(place, "The market of this scenario has one regime, or no paths were followed by regime.");
  const names = [...new Set(rows.map((r) => r.regime))],
    most = Math.max(...rows.map((r) => Math.abs(r.diff ?? 0))) || 1;
  const shaded = (r) =>
    r && r.diff !== null
      ? {
          text: `${printed(r.diff, 1, true)}${r.diff_se === null ? "" : ` ± ${printed(r.diff_se, 1)}`}`,
          colour: r.diff > 0 ? "var(--better)" : "var(--worse)",
          strength: Math.abs(r.diff) / most,
        }
      : "";
  const of = (p, name) => rows.find((r) => r.p === p.id && r.regime === name);
  const time = (name) => {
    const share = rows.find((r) => r.regime === name)?.time;
    return share === undefined ? name : `${name} (${percent(share, 0)} of the time)`;
  };
  const others = data.policies.filter((p) => names.some((name) => (of(p, name)?.diff ?? null) !== null));
  if (others.length) {
    place.append(
      legend([
        { ...verdicts.better, word: "blue: gains on the baseline" },
        { ...verdicts.worse, word: "orange: loses" },
      ]),
      table(
        captioned("Log growth gained on the baseline in each regime of the market, bp a year ± standard error", true),
        ["rule", ...names.map(time)],
        others.map((p) => [p.name, ...names.map((name) => shaded(of(p, name)))]),
      ),
    );
  }
  const shareOrBlank = (share, places) => (share === null ? "" : percent(share, places));
  const detail = folded(
    "Table: equity share, turnover and cost in each regime",
    table(
      "On the first paths of the run, followed by regime; lower cost is better",
      ["rule", "regime", "time", "equity share", "turnover a year", "cost, bp a year"],
      rows.map((r) => [
        nameOf(r.p),
        r.regime,
        percent(r.time),
        shareOrBlank(r.exposure, 1),
        shareOrBlank(r.turnover, 2),
        r.cost === null ? "" : printed(r.cost, 2),
      ]),
    ),
  );
  // It is long, so paper goes without it, as without the numbers behind charts.
  detail.className = "behind";
  place.append(detail);
}

// ---- risk against the baseline, and the account
function estimate(p, h, name) {
  const metric = metrics.get(metricId(name)),
    r = summary.get(key(state.scenario, p, h, metric?.id));
  if (!r || r.v === null) return "";
  return r.se === null
    ? format(metric, r.v)
    : `${format(metric, r.v, 0, false, r.se).replace(" %", "")} ± ${format(metric, r.se, 1, false, r.se)}${mark(r.pr)}`;
}
// The head of the column of a metric: its name, and below it the unit that its numbers do not carry, and the way that is better.
function headOf(name) {
  const metric = metrics.get(metricId(name)),
    unit = metric.format.includes(",") ? (metric.name.endsWith("_real") ? "money of today" : "money of the time") : "";
  return [`${metric.display} `, element("small", {}, [unit, wayOf(metric.higher)].filter((part) => part).join(", "))];
}
function committee(place) {
  const h = last(state.scenario),
    named = where(labelOf(h));
  const n = data.fans.find((f) => f.s === state.scenario)?.n,
    paths = n ? ` of ${someOf(n)}` : "";
  const classes = data.policies.map((p) => (p.baseline ? "baseline" : undefined));
  const known = (name) => metricId(name) !== undefined && data.policies.some((p) => value(p.id, name, h) !== null);
  const followed = [
    ["Beside the baseline", ["tracking_error_annual", "information_ratio", "relative_drawdown_max_frac"]],
    ["Chance of being behind the baseline after", ["underperformed_1y", "underperformed_3y", "underperformed_5y", "underperformed_10y"]],
    ["On its own", ["outside_range_frac", "largest_trade_frac", "ulcer_index_unit_frac", "sortino_ratio", "rebalancing_premium_annual"]],
  ];
  for (const [title, names] of followed.map(([title, names]) => [title, names.filter(known)]).filter(([, names]) => names.length)) {
    place.append(
      table(
        `${title}${named}: mean${paths} followed month by month ± standard error`,
        ["rule", ...names.map(headOf)],
        data.policies.map((p) => [nameOf(p.id), ...names.map((name) => estimate(p.id, h, name))]),
        classes,
      ),
    );
  }
  const account = [
    "cagr_unit_annual",
    "sharpe_ratio",
    "ce_wealth_gamma_3_nominal",
    "terminal_wealth_real",
    "funded_ratio",
    "shortfall_frac",
    "goal_reached",
  ].filter(known);
  place.append(
    table(
      `The account at the end${named}: mean of all paths ± standard error`,
      ["rule", ...account.map(headOf)],
      data.policies.map((p) => [nameOf(p.id), ...account.map((name) => estimate(p.id, h, name))]),
      classes,
    ),
  );
  const spread = (p, name) => spreads.get(key(state.scenario, p, h, metricId(name)));
  const whole = (name, v) =>
    v === null ? "" : name === "rebalance_events" && Number.isInteger(v) ? String(v) : format(metrics.get(metricId(name)), v);
  place.append(
    table(
      "Number of trades over the whole time, and turnover a year: median, and what 1 path in 20 exceeds. Fewer and smaller trades cost less",
      ["rule", "trades, median", "trades, 1 in 20", "turnover, median", "turnover, 1 in 20"],
      data.policies.map((p) => [
        nameOf(p.id),
        ...["rebalance_events", "turnover_one_way_annual"].flatMap((name) => {
          const r = spread(p.id, name);
          return r ? [whole(name, r.p50), whole(name, r.p95)] : ["", ""];
        }),
      ]),
      classes,
    ),
  );
}

// ---- all rules at once
// What leads of a metric are leads in.
const NOUNS = { ruined: "ruin", goal_reached: "chance of reaching the goal" };
// Tell how the rule that was best on one half of the paths does on the other; a lead is positive where the rule is better.
function choiceInWords(choice, metric, rule, baseline) {
  const unit = metric.format.includes(",") ? "" : metric.format.endsWith("%") ? " points" : ` ${metric.unit}`,
    noun = NOUNS[metric.name] ?? metric.display.charAt(0).toLowerCase() + metric.display.slice(1);
  const size = (number, error) => format(metric, Math.abs(number), 1, false, error).replace(" %", "");
  const way = (lead) => (lead >= 0 === (metric.higher !== false) ? "more" : "less");
  const { chosen, fresh, fresh_se: error } = choice;
  const lead = `${size(chosen, error)}${unit} ${way(chosen)} ${noun} than ${baseline}, where ${wayOf(metric.higher !== false)}`,
    later = `${size(fresh, error)} ± ${size(error, error)}${unit} ${way(fresh)}`;
  return [
    `The rule that was best on the first half of the paths is ${rule}: ${lead}.`,
    `On the other half, which the choice had not seen, it has ${later}.`,
    luckInWords(choice, baseline, size, unit),
  ].join(" ");
}
// Call a part of the lead luck only where the error of the simulation does not explain it.
function luckInWords({ chosen, optimism, optimism_se: error }, baseline, size, unit) {
  if (chosen <= 0) return `No rule was ahead of ${baseline}, so there is no lead to explain by luck.`;
  const amount = `${size(optimism, error)} ± ${size(error, error)}${unit}`;
  if (optimism > 1.96 * error) return `So luck made up ${amount} of its lead.`;
  if (optimism > 0) return `No sign of luck: the lead is smaller there by ${amount}, which the error of the simulation explains.`;
  return "No sign of luck: the lead is not smaller there.";
}
function field(place) {
  const rows = data.tests.filter((t) => t.s === state.scenario && t.h === state.horizon && t.m === state.metric);
  if (!rows.length) return empty(place, "All rules are tested at once on the primary metric and on metrics with a margin.");
  const name = (p) => policies.get(p)?.name ?? "its baseline";
  const choice = rows.find((t) => t.test === "choice"),
    metric = metrics.get(state.metric);
  if (choice) place.append(element("p", {}, choiceInWords(choice, metric, name(choice.p), name(choice.b))));
  const inner = [],
    spa = rows.find((t) => t.test === "spa");
  if (spa)
    inner.push(
      element(
        "p",
        {},
        `Superior predictive ability (Hansen 2005): the hypothesis that no rule is better than ${name(spa.b)} has `,
        `${chance(spa.pv)}; ${spa.tried} rules were tried.`,
      ),
    );
  const of = (test, p) => rows.find((t) => t.test === test && t.p === p);
  const yes = (found) => (found ? (found.in ? "yes" : "no") : "");
  inner.push(
    table(
      "Stepwise superior set at 5 % (Romano and Wolf 2005), 90 % model confidence set (Hansen, Lunde and Nason 2011)",
      ["rule", "better than the baseline by any amount", "may be the best", "p of the confidence set"],
      data.policies.filter((p) => of("mcs", p.id)).map((p) => [p.name, yes(of("step_m", p.id)), yes(of("mcs", p.id)), chance(of("mcs", p.id).pv)]),
    ),
  );
  place.append(folded("Tests of all rules at once", ...inner));
}
function robust(place) {
  const metric = metrics.get(state.metric),
    title = captioned(`${metric.display}, ${unitOf(metric)}, after ${labelOf(state.horizon)}`, metric.higher);
  const rows = data.robust.filter((r) => r.m === state.metric && r.h === state.horizon);
  if (!rows.length) return empty(place, "The scenarios are not compared on this metric at this horizon.");
  place.append(
    table(
      `${title}. Differences from the baseline in ${unitOfDifference(metric)}`,
      ["rule", "best", "worst", "largest regret", "better in", "difference from", "to", "s.d. over scenarios", "largest s.e."],
      rows.map((r) => [
        nameOf(r.p),
        format(metric, r.best),
        format(metric, r.worst),
        format(metric, r.regret),
        r.better === null ? "" : `${Math.round(100 * r.better)} %`,
        format(metric, r.dmin, 1, true),
        format(metric, r.dmax, 1, true),
        format(metric, r.sd, 1),
        format(metric, r.se, 1),
      ]),
    ),
  );
}
