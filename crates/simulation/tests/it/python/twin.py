"""States the model a second time, in plain Python, and compares it with what the program computed.

Written from MODEL.md and from nothing else: it shares no code with the Rust, uses its own mathematics and, where
MODEL.md leaves a choice, takes another way (bisection for the self-financing trade, lists instead of running sums).
Chapter numbers below are those of MODEL.md. It starts where the market ends: return paths, band half-widths and the
flows of each step are given. So chapter 2, the base widths of 4.1 and the flow dates of 6.2 are not tested here.

Usage:  python3 twin.py studies.json         (Python 3.8 or later, standard library only)

The document is {"studies": [..]}; simulation/tests/python_twin.rs writes it. Numbers are shortest decimals that read
back as the same f64. null stands for infinity in a width or limit ("not watched", "no limit") and for "no value" in an
outcome. Prints one line per mismatch and a summary; the exit code is 1 if there was a mismatch.
"""

import json
import math
import sys

TOLERANCE = 1e-12  # relative to max(1, |value|), costs as a fraction, and to the condition of the path (9.3)
NEGLIGIBLE = 1e-12  # of wealth: less, or less beyond an edge, is rounding, no reason to trade or to charge a fee (4.2, 4.3, 5.1)

COLUMNS = (
    "terminal_wealth_nominal",
    "log_growth_unit_annual",
    "max_drawdown_unit_frac",
    "max_drawdown_balance_frac",
    "months_under_water_unit",
    "vol_unit_annual",
    "turnover_one_way_annual",
    "rebalance_events",
    "cost_bps_annual",
    "growth_weight_mean_frac",
    "weight_deviation_rms_frac",
    "weight_deviation_max_frac",
    "ruin_month",
)


# Chapter 1: the order of a step


def simulate(study, instance, path):
    """Outcomes of one policy and account on one path, at every report horizon."""
    m, n = study["steps_per_year"], study["steps"]
    policy, costs = instance["policy"], instance["costs"]
    signals = [observed_values(k, signal, path, m) for k, signal in enumerate(study["signals"])]
    portfolio = Portfolio(policy, costs, instance["account"])
    trader = Trader(policy, costs, review_dates(policy["review"], m, n))
    portfolio.flow(0, "start", 1.0)
    record = Record(portfolio, study["growth_assets"])
    outcomes = []
    for t in range(1, n + 1):
        multiplier = cost_multiplier(costs, path["regime"][t - 1])
        alive_before = portfolio.alive
        portfolio.grow(path["gross"][t - 1])  # points 1 and 2
        portfolio.flow(t, "end", multiplier)  # point 3
        seen = [values[t - 1] for values in signals]
        before, moved = portfolio.target, target_at(policy, t, seen)
        if t in study["horizons"]:  # point 4; nothing else happens at t = n
            portfolio.target = moved
            outcomes.append(record.outcomes_if_ended(t, m, portfolio, trader))
            portfolio.target = before
        if t < n:
            portfolio.flow(t, "start", multiplier)  # point 5
            portfolio.target = moved
            if portfolio.alive:  # points 6 and 7
                record.weigh(portfolio)
                trader.act(t, multiplier, portfolio, seen)
            if alive_before:  # point 8
                record.close_step(portfolio)
    return outcomes


def review_dates(review, m, n):
    """The steps at which the rule looks: never 0 and never n."""
    dates, j = set(), 1
    while True:
        stride = j * review["every"]
        t = review["phase_steps"] + (stride * m // 12 if review["unit"] == "months" else stride)
        if t >= n:
            return dates
        if t >= 1:
            dates.add(t)
        j += 1


# Chapter 3: signals


def observed_values(k, observed, path, m):
    """What an investor sees of signal k: its value from the origin named, then late, then noisy."""
    if observed["origin"] == "truth":
        values = [observed["by_regime"][regime] for regime in path["told"][k]]
    else:
        placebo = observed["origin"] == "placebo"
        if observed["signal"]["kind"] == "macro":
            seen = path["placebo_indicator" if placebo else "indicator"]
            values = [row[observed["signal"]["indicator"]] for row in seen]
        else:
            values = signal_values(observed["signal"], path["placebo" if placebo else "log_return"], m)
    lag = observed["lag_steps"]
    values = ([observed["start"]] * lag + values)[: len(values)]
    if observed["noise"] is None:
        return values
    sd, floor = observed["noise"]["sd"], observed["noise"]["floor"]
    values = [value + sd * z for value, z in zip(values, path["normals"][k])]
    return values if floor is None else [max(value, floor) for value in values]


def signal_values(signal, log_returns, m):
    """Values of a signal at t = 1, 2, ..."""
    kind = signal["kind"]
    if kind in ("ewma_vol", "realised_vol"):
        return volatilities(signal, log_returns, m)
    if kind in ("ewma_corr", "realised_corr"):
        return correlations(signal, log_returns)
    if kind == "ewma_cov":
        a, b = signal["assets"]
        return [m * c for c in ewma([r[a] * r[b] for r in log_returns], signal["lambda"], signal["start"])]
    if kind == "regime_probability":
        return regime_probabilities(signal["belief"], signal["members"], log_returns)
    returns = observed(signal.get("assets") or [signal["asset"]], log_returns)
    prices = [math.fsum(returns[:t]) for t in range(len(returns) + 1)]
    if kind == "drawdown":
        return [1 - math.exp(prices[t] - max(prices[: t + 1])) for t in range(1, len(prices))]
    if kind != "trend":
        raise ValueError(f"the signal {kind!r} is not written here yet")
    moves = [prices[t] - prices[max(0, t - signal["window_steps"])] for t in range(1, len(prices))]
    return [(move > 0) - (move < 0) for move in moves] if signal["sign"] else moves


def correlations(signal, log_returns):
    """Covariance by the root of the product of the variances, all about 0."""
    a, b = signal["assets"]
    products = [[r[a] * r[a] for r in log_returns], [r[b] * r[b] for r in log_returns], [r[a] * r[b] for r in log_returns]]
    if signal["kind"] == "ewma_corr":
        rows = [ewma(values, signal["lambda"], start) for values, start in zip(products, signal["start"])]
        return [correlation(*moments) for moments in zip(*rows)]
    window = signal["window_steps"]
    rows = [window_means(values, window, 0.0) for values in products]
    return [signal["start"] if t < window else correlation(*moments) for t, moments in enumerate(zip(*rows), 1)]


def correlation(a, b, c):
    scale = math.sqrt(a) * math.sqrt(b)
    return max(-1.0, min(1.0, c / scale)) if scale > 0 else 0.0


def regime_probabilities(belief, members, log_returns):
    """Hamilton's filter: predict with the transitions that are due, then weigh by the likelihood of the step's returns."""
    p, values = belief["initial"], []
    for t, returns in enumerate(log_returns, 1):
        for move in belief["moves"]:
            if t > 1 and (t - 1) % move["period_steps"] == 0:
                p = [math.fsum(q * row[to] for q, row in zip(p, move["transition"])) for to in range(len(p))]
        likelihoods = [math.exp(log_density(belief, state, returns)) for state in belief["states"]]
        joint = [q * f for q, f in zip(p, likelihoods)]
        if math.fsum(joint) > 0:
            p = [x / math.fsum(joint) for x in joint]
        values.append(math.fsum(p[k] for k in members))
    return values


def log_density(belief, state, returns):
    off = [returns[asset] - mean for asset, mean in zip(belief["assets"], state["mean"])]
    distance = math.fsum(math.fsum(w * x for w, x in zip(row, off)) ** 2 for row in state["whitening"])
    if belief["df"] is None:
        return state["log_scale"] - distance / 2
    df = belief["df"]
    return state["log_scale"] - (df + len(off)) / 2 * math.log(1 + distance / (df - 2))


def volatilities(signal, log_returns, m):
    """Annual volatilities."""
    squares = [r**2 for r in observed(signal["assets"], log_returns)]
    if signal["kind"] == "ewma_vol":
        variances = ewma(squares, signal["lambda"], signal["start_variance"])
    else:
        variances = window_means(squares, signal["window_steps"], signal["start_variance"])
    return [math.sqrt(m * v) for v in variances]


def observed(assets, log_returns):
    """Log returns of one asset, or of the first less the second."""
    return [returns[assets[0]] - (returns[assets[1]] if len(assets) > 1 else 0.0) for returns in log_returns]


def ewma(products, decay, start):
    """v(t) = decay v(t-1) + (1 - decay) r(t)^2, or the same of two returns."""
    values, v = [], start
    for product in products:
        v = decay * v + (1 - decay) * product
        values.append(v)
    return values


def window_means(squares, window, start):
    """Mean of the last `window` squares; `start` until there are so many."""
    return [start if t < window else math.fsum(squares[t - window : t]) / window for t in range(1, len(squares) + 1)]


# Chapter 4: policies


def target_at(policy, t, signals):
    """4.4: the target of step t."""
    base, moving = policy["target"], policy["moving"]
    if moving is None:
        return base
    product = moving["by_step"][t] * factor_of(moving["scale"], signals)
    factor = min(max(product, moving["min_factor"]), moving["max_factor"])
    share = math.fsum(w for w, scaled in zip(base, moving["scaled"]) if scaled)
    rest = (1 - share * factor) / (1 - share)
    return [w * (factor if scaled else rest) for w, scaled in zip(base, moving["scaled"])]


def widths(band, signals):
    """4.1: half-width of every asset's band; infinite for an asset that is not watched."""
    low, high = band["min_width"], limit(band["max_width"])
    return [within_limits(limit(b), band["scale"], low, high, signals) for b in band["half_width"]]


def scaled_number(number, signals):
    """4.2, 4.3: the width of a measure, a waiting time or a fraction, scaled as a width is."""
    return within_limits(limit(number["base"]), number["scale"], number["min"], limit(number["max"]), signals)


def within_limits(base, scale, low, high, signals):
    """4.1: times the factors, then the clamp, which comes with them; infinity stays."""
    if not scale or base == math.inf:
        return base
    return min(max(base * factor_of(scale, signals), low), high)


def factor_of(scale, signals):
    """4.1: the product of all scale factors."""
    return math.prod(scale_factor(one["form"], signals[one["signal"]]) for one in scale)


def scale_factor(form, s):
    """4.1: what a signal value does to a width."""
    if form["kind"] == "power":
        return (s / form["reference"]) ** form["elasticity"]
    if form["kind"] == "exponential":
        return math.exp(form["slope"] * (s - form["reference"]))
    return form["factors"][sum(threshold <= s for threshold in form["at"])]


def outside(width, portfolio):
    """4.2: whether some asset is outside its band."""
    assets, wealth = zip(portfolio.h, portfolio.target, width), portfolio.wealth
    return any(abs(h - w * wealth) > (b + NEGLIGIBLE) * wealth for h, w, b in assets)


def off_target(portfolio):
    """4.2: whether there is anything to trade: outside bands of width 0."""
    return outside([0.0] * len(portfolio.h), portfolio)


def rule_holds(rule, held):
    """4.2: an expression of joined conditions, given which of them hold."""
    if "one" in rule:
        return held[rule["one"]]
    if "any_of" in rule:
        return any(rule_holds(part, held) for part in rule["any_of"])
    return all(rule_holds(part, held) for part in rule["all_of"])


def holds_now(condition, portfolio, signals):
    """4.2: a condition without a memory."""
    kind = condition["kind"]
    if kind == "always":
        return True
    if kind == "outside":
        return outside(widths(condition, signals), portfolio)
    if kind == "beyond":
        width = scaled_number(condition["width"], signals)
        return distance(condition, errors(portfolio.weights(), portfolio.target), signals) > width + NEGLIGIBLE
    s, x = signals[condition["signal"]], condition["limit"]
    if kind == "with_trend":
        error = errors(portfolio.weights(), portfolio.target)
        excess = math.fsum(error[i] for i in condition["assets"])
        return not (s > x and excess > 0 or s < -x and excess < 0)
    return s > x if kind == "above" else s < x


def errors(w, target):
    """4.2: e, by how much each weight is above its target."""
    return [wi - ti for wi, ti in zip(w, target)]


def distance(condition, error, signals):
    """4.2: D(e) of a measure."""
    kind = condition["measure"]
    if kind == "group":
        return abs(math.fsum(error[i] for i in condition["group"]))
    if kind == "l1":
        return math.fsum(abs(e) for e in error)
    if kind == "l2":
        return math.sqrt(math.fsum(e * e for e in error))
    return tracking_error(covariances(condition["covariance_lower_triangle"], signals), error)


def covariances(lower_triangle, signals):
    """Annual entries (0, 0), (1, 0), (1, 1), (2, 0), ..: constant, or read from signals."""
    if "constant" in lower_triangle:
        return lower_triangle["constant"]
    return [signals[k] for k in lower_triangle["signals"]]


def tracking_error(lower_triangle, error):
    """Annual; what is off the diagonal counts twice."""
    places = [(i, j) for i in range(len(error)) for j in range(i + 1)]
    terms = [(1 if i == j else 2) * error[i] * error[j] * c for (i, j), c in zip(places, lower_triangle)]
    return math.sqrt(max(math.fsum(terms), 0.0))


def goal_weights(policy, w, signals):
    """4.3: where a triggered trade goes; None where the trade would be too small."""
    g = None
    if policy["trade_assets"] == "breached":
        g = goal_of_breached(policy, w, signals)
    if g is None:
        g = goal_of_all(policy, w, signals)
    turnover = 0.5 * sum(abs(gi - wi) for gi, wi in zip(g, w))
    most = limit(policy["max_turnover_frac"])
    if turnover < policy["min_trade_frac"] or policy["trigger"]["kind"] == "joined" and turnover <= NEGLIGIBLE:
        return None
    if turnover > most:
        return [wi + most / turnover * (gi - wi) for gi, wi in zip(g, w)]
    return g


def goal_of_all(policy, w, signals):
    """All assets move: to the target, part of the way, or radially until the last distance is within its destination."""
    target, trade = policy["target"], policy["trade"]
    if trade["kind"] == "to_target":
        return list(target)
    if trade["kind"].startswith("part_way"):
        fraction = fraction_of_way(trade, signals)
        return [wi + fraction * (ti - wi) for wi, ti in zip(w, target)]
    theta = min([1.0] + [d / e for e, d in radial_limits(policy, w, signals) if e > d])
    return [ti + theta * (wi - ti) for wi, ti in zip(w, target)]


def fraction_of_way(trade, signals):
    """How far a `part_way` trade goes; signals may scale it."""
    return scaled_number(trade["fraction"], signals) if trade["kind"] == "part_way_scaled" else trade["fraction"]


def radial_limits(policy, w, signals):
    """Every distance that a band watches, and what a radial trade may leave of it."""
    trade, error = policy["trade"], errors(w, policy["target"])
    limits = []
    for band in bands(policy["trigger"]):
        if band["kind"] == "beyond":
            limits.append((distance(band, error, signals), destination(trade, scaled_number(band["width"], signals))))
        else:
            limits.extend(zip(map(abs, error), destinations(trade, widths(band, signals))))
    return limits


def bands(trigger):
    """4.3: the bands that count for a radial trade, whether their condition holds or not; of a pair the soft one."""
    conditions = trigger["conditions"] if trigger["kind"] == "joined" else [trigger]
    inner = [one["soft"] if one["kind"] == "soft_hard_band" else one for one in conditions]
    return [band for band in inner if band["kind"] in ("outside", "beyond")]


def goal_of_breached(policy, w, signals):
    """Assets outside their band move alone and the others absorb; None where that is impossible."""
    target, width, assets = policy["target"], widths(policy["trigger"], signals), range(len(w))
    breached = [abs(w[i] - target[i]) > width[i] + NEGLIGIBLE for i in assets]
    own = own_destinations(policy["trade"], w, target, width, signals)
    moved = sum(own[i] for i in assets if breached[i])
    others = sum(w[i] for i in assets if not breached[i])
    if others <= NEGLIGIBLE or moved > 1 + NEGLIGIBLE:
        return None
    g = [own[i] if breached[i] else w[i] * max(1 - moved, 0.0) / others for i in assets]
    if any(not breached[i] and abs(g[i] - target[i]) > width[i] + NEGLIGIBLE for i in assets):
        return None
    return g


def own_destinations(trade, w, target, width, signals):
    """Where each asset would go if it were breached, whatever the others do."""
    if trade["kind"] == "to_target":
        return target
    if trade["kind"].startswith("part_way"):
        fraction = fraction_of_way(trade, signals)
        return [wi + fraction * (ti - wi) for wi, ti in zip(w, target)]
    return [min(max(wi, ti - d), ti + d) for wi, ti, d in zip(w, target, destinations(trade, width))]


def destinations(trade, width):
    """How far from its target a radial trade may leave each asset."""
    if trade["kind"] == "to_within":
        return [limit(d) for d in trade["half_width"]]
    return [destination(trade, b) for b in width]


def destination(trade, width):
    """What a radial trade may leave of a distance with a band of this width."""
    return width if width == math.inf or trade["kind"] == "to_edge" else trade["share"] * width


class Trader:
    """4.2: decides at reviews; keeps the pending order, the cooldown, what conditions remember, and sums of what was traded."""

    def __init__(self, policy, costs, reviews):
        self.policy, self.costs, self.reviews = policy, costs, reviews
        self.pending = None  # (step at which it is due, desired weights)
        self.allowed_from = 0
        self.held = [False] * len(policy["trigger"].get("conditions", []))  # at the last look
        self.traded_at, self.seen_then = 0, None  # the last trade that was carried out, and the signals of its step
        self.turnover = 0.0
        self.events = 0

    def act(self, t, multiplier, portfolio, signals):
        """Point 7 of step t."""
        if self.pending is None and t in self.reviews and t >= self.allowed_from:
            goal = self.decide(t, portfolio, signals)
            if goal is not None:
                self.pending = (t + self.policy["execution_lag_steps"], goal)
        if self.pending is not None and self.pending[0] == t:
            goal, self.pending = self.pending[1], None
            wealth = portfolio.wealth
            traded = portfolio.trade(goal, multiplier)
            if traded is not None:
                self.allowed_from = t + self.policy["cooldown_steps"]
                self.traded_at, self.seen_then = t, signals
                self.turnover += 0.5 * traded / wealth
                self.events += traded > 0

    def decide(self, t, portfolio, signals):
        """Desired weights if the trigger fires."""
        if not self.fires(t, portfolio, signals):
            return None
        return goal_weights(dict(self.policy, target=portfolio.target), portfolio.weights(), signals)

    def fires(self, t, portfolio, signals):
        """A look at the trigger: every condition is asked, and whether it holds is remembered."""
        trigger = self.policy["trigger"]
        if trigger["kind"] == "joined":
            asked = zip(trigger["conditions"], self.held)
            self.held = [self.holds(condition, held, t, portfolio, signals) for condition, held in asked]
            return rule_holds(trigger["rule"], self.held) and off_target(portfolio)
        if trigger["kind"] == "outside":
            return outside(widths(trigger, signals), portfolio)
        return trigger["kind"] == "always" and off_target(portfolio)

    def holds(self, condition, held, t, portfolio, signals):
        """One of the joined conditions; `held` is its answer at the last look."""
        kind = condition["kind"]
        if kind == "soft_hard_band":
            return outside(widths(condition["soft" if held else "hard"], signals), portfolio)
        if kind == "waited":
            return t - self.traded_at >= scaled_number(condition["steps"], signals)
        if kind == "moved":
            before = condition["start"] if self.seen_then is None else self.seen_then[condition["signal"]]
            return abs(signals[condition["signal"]] - before) > condition["by"]
        return holds_now(condition, portfolio, signals)


# Chapter 5: trading and cost


def cost_multiplier(costs, regime):
    """Of the proportional rates, by true regime of the step just ended."""
    return costs["spread_multiplier"][regime] if costs["spread_multiplier"] else 1.0


def legs(g, h, x):
    """Number of assets that a trade to g x moves."""
    return sum(abs(gi * x - hi) > NEGLIGIBLE * x for gi, hi in zip(g, h))


def cost_of_trade(rates, fee, g, h, x):
    """Proportional cost and fixed fees of trading from holdings h to g x."""
    return sum(c * abs(gi * x - hi) for c, gi, hi in zip(rates, g, h)) + fee * legs(g, h, x)


def wealth_after_exact_trade(rates, fee, g, h, wealth):
    """5.1: the x that solves x + cost(x) = wealth, by bisection; None where the trade cannot be paid."""
    if wealth <= fee * legs(g, h, wealth):
        return None
    low, high = NEGLIGIBLE * wealth, wealth
    if low + cost_of_trade(rates, fee, g, h, low) >= wealth:
        return None
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            return middle
        if middle + cost_of_trade(rates, fee, g, h, middle) < wealth:
            low = middle
        else:
            high = middle


# Chapter 6: accounts


class Portfolio:
    """Holdings, wealth V, the unit scale kappa, and the sum of all cost fractions."""

    def __init__(self, policy, costs, account):
        """5.4: the initial purchase, free or charged."""
        self.costs, self.account, self.target = costs, account, policy["target"]
        self.routing = policy["cash_flows"]
        self.exact = costs["convention"] == "exact"
        self.unit_scale, self.amplification, self.condition = 1.0, 1.0, 1.0
        self.ruined_at, self.unit_at_ruin = None, None
        initial = account["initial"]
        invested = initial
        if costs["charge_initial_purchase"]:
            left = initial - costs["fixed_fee"] * sum(w != 0 for w in self.target)
            invested = self.bought(left, mix_rate(costs["one_way"], self.target))
        self.h = [w * invested for w in self.target]
        self.wealth = invested
        self.cost_fracs = (initial - invested) / initial

    @property
    def alive(self):
        return self.ruined_at is None

    @property
    def unit(self):
        """Value of a unit, 1 before the first purchase; frozen at ruin."""
        return self.wealth * self.unit_scale / self.account["initial"] if self.alive else self.unit_at_ruin

    def weights(self):
        return [h / self.wealth for h in self.h]

    def deviation(self):
        """Largest distance of a weight from its target."""
        return max(abs(h - w * self.wealth) for h, w in zip(self.h, self.target)) / self.wealth

    def grow(self, gross):
        """Points 1 and 2 of a step: growth, then the fee of 6.1."""
        if not self.alive:
            return
        fee = self.account["fee_per_step"]
        self.h = [h * growth * (1 - fee) for h, growth in zip(self.h, gross)]
        self.wealth = sum(self.h)
        self.cost_fracs += fee

    def flow(self, t, side, multiplier):
        """6.3: the flows of one side of step t, the contribution first."""
        if not self.account["flows"]:
            return
        flows = self.account["flows"][t]
        if self.alive and flows["contribution_" + side] > 0:
            self.contribute(flows["contribution_" + side], multiplier)
        if self.alive and flows["withdrawal_" + side] > 0:
            self.withdraw(t, flows["withdrawal_" + side], multiplier)

    def contribute(self, amount, multiplier):
        wealth = self.wealth
        purchases = self.purchases(amount, multiplier)
        invested = sum(purchases)
        self.h = [h + purchase for h, purchase in zip(self.h, purchases)]
        self.wealth = wealth + invested
        self.unit_scale *= wealth / (wealth + amount)
        self.amplify(wealth, self.wealth)
        self.cost_fracs += (amount - invested) / wealth

    def purchases(self, amount, multiplier):
        """What a contribution adds to each asset."""
        if self.routing == "most_off_target_first":
            return self.purchases_of_most_below(amount, self.flow_rates(multiplier))
        mix = self.weights() if self.routing == "pro_rata" else self.target
        invested = self.bought(amount, self.flow_rate(mix, multiplier))
        return [v * invested for v in mix]

    def purchases_of_most_below(self, amount, rates):
        """The largest shortfall is made up first; the last asset takes what is left."""
        shortfalls = [w * (self.wealth + amount) - h for w, h in zip(self.target, self.h)]
        order = largest_first(shortfalls)
        given, left = [0.0] * len(rates), amount
        for i in order:
            given[i] = left if i == order[-1] else min(max(shortfalls[i], 0.0), left)
            left -= given[i]
        return [self.bought(y, c) for y, c in zip(given, rates)]

    def withdraw(self, t, amount, multiplier):
        wealth = self.wealth
        rate = self.flow_rate(self.weights(), multiplier)
        if self.sold_for(amount, rate) >= wealth:
            self.ruined_at, self.unit_at_ruin = t, self.unit
            self.wealth, self.h = 0.0, [0.0] * len(self.h)
            self.cost_fracs += rate
            return
        sales = self.sales(amount, multiplier)
        sold = sum(sales)
        self.h = [max(h - sale, 0.0) for h, sale in zip(self.h, sales)]
        self.wealth = wealth - sold
        self.unit_scale *= wealth / (wealth - amount)
        self.amplify(wealth, self.wealth)
        self.cost_fracs += (sold - amount) / wealth

    def sales(self, amount, multiplier):
        """What a withdrawal that can be paid takes from each asset."""
        if self.routing == "most_off_target_first":
            return self.sales_of_most_above(amount, self.flow_rates(multiplier))
        sold = self.sold_for(amount, self.flow_rate(self.weights(), multiplier))
        return [v * sold for v in self.weights()]

    def sales_of_most_above(self, amount, rates):
        """The largest excess is sold first; what its cost then leaves unpaid comes from whatever can be sold."""
        goals, sales, left = [w * (self.wealth - amount) for w in self.target], [0.0] * len(rates), amount
        for only_excess in (True, False):
            excesses = [h - sale - goal for h, sale, goal in zip(self.h, sales, goals)]
            for i in largest_first(excesses):
                raised = min(self.raised(self.h[i] - sales[i], rates[i]), left)
                if only_excess:
                    raised = min(raised, max(excesses[i], 0.0))
                sales[i] += self.sold_for(raised, rates[i])
                left -= raised
        return sales

    def amplify(self, before, after):
        """9.3: what a given amount of currency, in or out, does to relative rounding errors.

        What is left keeps the rounding errors of what was there, and they are larger in proportion to it.
        """
        self.amplification = max(1.0, self.amplification * before / after)
        self.condition = max(self.condition, self.amplification)

    def bought(self, amount, rate):
        """What an amount buys, its cost paid out of it."""
        return amount / (1 + rate) if self.exact else amount - amount * rate

    def sold_for(self, amount, rate):
        """What has to be sold to raise an amount."""
        return amount / (1 - rate) if self.exact else amount + amount * rate

    def raised(self, holding, rate):
        """The amount that a sale of all of a holding raises."""
        return holding * (1 - rate) if self.exact else holding / (1 + rate)

    def flow_rates(self, multiplier):
        return [multiplier * c if self.costs["charge_flows"] else 0.0 for c in self.costs["one_way"]]

    def flow_rate(self, mix, multiplier):
        return mix_rate(self.flow_rates(multiplier), mix)

    def trade(self, g, multiplier):
        """5.1 to 5.3: trades to the weights g; the traded value, or None where the trade cannot be paid."""
        rates, fee, wealth = [c * multiplier for c in self.costs["one_way"]], self.costs["fixed_fee"], self.wealth
        if self.exact:
            after = sized_on = wealth_after_exact_trade(rates, fee, g, self.h, wealth)
        else:
            after, sized_on = wealth - cost_of_trade(rates, fee, g, self.h, wealth), wealth
        if after is None or after <= 0:
            return None
        traded = sum(abs(gi * sized_on - h) for gi, h in zip(g, self.h))
        self.amplify(after + fee * legs(g, self.h, sized_on), after)
        self.h = [gi * after for gi in g]
        self.wealth = after
        self.cost_fracs += (wealth - after) / wealth
        return traded


def mix_rate(rates, mix):
    """Cost of one unit of currency put into, or taken out of, a mix of assets."""
    return sum(c * v for c, v in zip(rates, mix))


def largest_first(values):
    """Positions by value; ties go to the first."""
    return sorted(range(len(values)), key=lambda i: -values[i])


# Chapter 7: outcomes of a path


class Record:
    """What is kept of every step: U_t and the balance from t = 0, x_t from t = 0, delta_t from t = 1."""

    def __init__(self, portfolio, growth_assets):
        self.growth_assets = growth_assets
        self.units, self.balances = [portfolio.unit], [portfolio.wealth]
        self.growth_weights = [self.growth_weight(portfolio.target)]
        self.deviations = []

    def growth_weight(self, weights):
        return sum(weights[i] for i in self.growth_assets)

    def weigh(self, portfolio):
        """Point 6 of a step: the weights before trading."""
        self.deviations.append(portfolio.deviation())

    def close_step(self, portfolio):
        """Point 8 of a step; a step of ruin has no weights. After a trade the weights are its goal."""
        self.units.append(portfolio.unit)
        self.balances.append(portfolio.wealth)
        if portfolio.alive:
            self.growth_weights.append(self.growth_weight(portfolio.weights()))

    def outcomes_if_ended(self, horizon, m, portfolio, trader):
        """Point 4 of a step: the 13 columns as if the run ended here, and the condition of 9.3."""
        units, balances, deviations = list(self.units), list(self.balances), list(self.deviations)
        ruin = portfolio.ruined_at
        if ruin is None:
            deviations.append(portfolio.deviation())
        if ruin is None or ruin == horizon:
            units.append(portfolio.unit)
            balances.append(portfolio.wealth)
        steps = horizon if ruin is None else max(ruin, 1)
        growth = log_growths(units)
        return {
            "terminal_wealth_nominal": portfolio.wealth,
            "log_growth_unit_annual": math.log(units[-1]) * m / steps if growth else 0.0,
            "max_drawdown_unit_frac": max_drawdown([1.0] + units),
            "max_drawdown_balance_frac": max_drawdown([max(self.balances[0], portfolio.account["initial"])] + balances),
            "months_under_water_unit": 12 / m * steps_under_water(units),
            "vol_unit_annual": math.sqrt(m) * standard_deviation(growth),
            "turnover_one_way_annual": m / steps * trader.turnover,
            "rebalance_events": trader.events,
            "cost_bps_annual": 1e4 * m / steps * portfolio.cost_fracs,
            "growth_weight_mean_frac": sum(self.growth_weights) / steps,
            "weight_deviation_rms_frac": root_mean_square(deviations),
            "weight_deviation_max_frac": max(deviations, default=0.0),
            "ruin_month": None if ruin is None else 12 * ruin / m,
            "condition": portfolio.condition,
        }


def log_growths(units):
    """g_1, g_2, ..: the first is measured from 1, so that the cost of the first purchase is in it."""
    return [math.log(after / before) for before, after in zip([1.0] + units[1:], units[1:])]


def max_drawdown(values):
    """Deepest fall below the running peak, as a positive fraction."""
    peak, deepest = values[0], 0.0
    for value in values:
        peak = max(peak, value)
        deepest = max(deepest, 1 - value / peak)
    return deepest


def steps_under_water(units):
    """Number of steps t >= 1 strictly below the largest of 1 and the units since t = 1."""
    peak, count = 1.0, 0
    for unit in units[1:]:
        peak = max(peak, unit)
        count += unit < peak
    return count


def standard_deviation(values):
    """With divisor n - 1; 0 below two values."""
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((x - mean) ** 2 for x in values) / (len(values) - 1))


def root_mean_square(values):
    return math.sqrt(math.fsum(x * x for x in values) / len(values)) if values else 0.0


# Comparison (9.3)


def limit(value):
    """A width or limit of the document, where null is infinity."""
    return math.inf if value is None else value


def difference(column, ours, expected, condition):
    """Distance relative to max(1, |expected|) and to the condition; infinite if only one of the two has a value."""
    if ours is None or expected is None:
        return 0.0 if ours is expected else math.inf
    unit = 1e4 if column == "cost_bps_annual" else 1.0
    found = abs(ours - expected) / max(unit, abs(expected)) / condition
    return math.inf if math.isnan(found) else found


def compared(document):
    """Every outcome value: where it stands, ours, the expected one, and their difference."""
    for study in document["studies"]:
        for k, instance in enumerate(study["instances"]):
            for p, path in enumerate(study["paths"]):
                ours = simulate(study, instance, path)
                for horizon, ours_then, expected in zip(study["horizons"], ours, instance["expected"][p]):
                    for column, value in zip(COLUMNS, expected):
                        where = f"study {study['name']} instance {k} path {p} horizon {horizon} {column}"
                        found = difference(column, ours_then[column], value, ours_then["condition"])
                        yield where, ours_then[column], value, found


def main(file_name):
    with open(file_name, encoding="utf-8") as file:
        document = json.load(file)
    values, mismatches, worst = 0, 0, 0.0
    for where, ours, expected, found in compared(document):
        values += 1
        worst = max(worst, found)
        if found > TOLERANCE:
            mismatches += 1
            print(f"mismatch: {where}: twin {ours!r}, expected {expected!r}, difference {found:.1e}")
    print(f"{len(document['studies'])} studies, {values} outcome values, worst relative difference {worst:.1e}")
    return 1 if mismatches else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 twin.py studies.json")
    sys.exit(main(sys.argv[1]))
