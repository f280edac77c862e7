//! Carries one path's holdings through growth, fees, cash flows and trades.

use crate::account::{Account, FlowTiming};
use crate::cost::CostModel;
use crate::plan::Instance;
use crate::policy::FlowRouting;
use crate::routing::{buy_most_below, sell_most_above, total};

/// Holdings of one policy on one path, in currency.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Portfolio {
    /// Value held in each asset.
    pub holdings: Vec<f64>,
    /// Sum of the holdings.
    pub wealth: f64,
    /// Factor from wealth to the unit value: `unit value * initial = wealth * unit_scale`. It is 1
    /// until a flow changes the number of units.
    pub unit_scale: f64,
    /// Step of ruin; `None` while the account is alive.
    pub ruined_at: Option<u32>,
    /// Unit value times the initial balance at the moment of ruin.
    unit_at_ruin: f64,
    /// Costs and fees of the current step.
    pub cost: f64,
    /// Costs and fees of the current step, each as a fraction of the wealth that it was paid from.
    pub cost_frac: f64,
    /// Net cash flow of the current step: contributions less withdrawals.
    pub flow: f64,
}

/// Terms on which a cash flow is invested or raised.
#[derive(Clone, Copy, Debug)]
struct FlowTerms<'a> {
    routing: FlowRouting,
    target: &'a [f64],
    costs: &'a CostModel,
    /// Multiplier of the proportional costs in the regime of the step.
    multiplier: f64,
}

impl FlowTerms<'_> {
    /// Returns the cost of moving one unit of currency into or out of the mix `weights`; 0 where
    /// flows are not charged.
    fn rate(&self, weights: &[f64]) -> f64 {
        if self.costs.charge_flows { self.costs.of_mix(self.multiplier, weights) } else { 0.0 }
    }
}

impl Portfolio {
    /// Opens an account at `t = 0`: buys the target weights, then applies the first flows, at the
    /// plain cost rates because no regime has begun.
    pub fn open(instance: &Instance) -> Self {
        let target = &instance.policy.target;
        let mut portfolio = Self::invest(&instance.account, &instance.costs, target);
        portfolio.apply_flows(instance, target, 0, FlowTiming::PeriodStart, 1.0);
        portfolio
    }

    /// Invests the initial balance at the target weights.
    fn invest(account: &Account, costs: &CostModel, target: &[f64]) -> Self {
        let initial = account.initial;
        let mut invested = initial;
        if costs.charge_initial_purchase {
            let legs = target.iter().filter(|w| **w != 0.0).count() as f64;
            let paid_from = initial - costs.fixed_fee * legs;
            invested = costs.convention.bought(paid_from, costs.of_mix(1.0, target));
        }
        let cost = initial - invested;
        Self {
            holdings: target.iter().map(|w| w * invested).collect(),
            wealth: invested,
            unit_scale: 1.0,
            ruined_at: None,
            unit_at_ruin: 0.0,
            cost,
            cost_frac: cost / initial,
            flow: 0.0,
        }
    }

    /// Returns the unit value times the initial balance; after ruin its last value.
    pub fn unit(&self) -> f64 {
        if self.ruined_at.is_some() { self.unit_at_ruin } else { self.wealth * self.unit_scale }
    }

    /// Returns the weights, or `otherwise` where nothing is held.
    pub fn weights_or(&self, otherwise: &[f64]) -> Vec<f64> {
        if self.wealth > 0.0 {
            self.holdings.iter().map(|h| h / self.wealth).collect()
        } else {
            otherwise.to_vec()
        }
    }

    /// Earns the gross returns of a step, then pays the fee.
    pub fn grow(&mut self, gross: &[f64], fee_per_step: f64) {
        (self.cost, self.cost_frac, self.flow) = (0.0, 0.0, 0.0);
        self.wealth = 0.0;
        for (holding, growth) in self.holdings.iter_mut().zip(gross) {
            *holding *= growth;
            self.wealth += *holding;
        }
        if fee_per_step > 0.0 {
            self.cost += self.wealth * fee_per_step;
            self.cost_frac += fee_per_step;
            let keep = 1.0 - fee_per_step;
            self.wealth *= keep;
            for holding in &mut self.holdings {
                *holding *= keep;
            }
        }
    }

    /// Applies the contribution, then the withdrawal, that are dated to one end of a period at
    /// step `t`.
    pub fn apply_flows(
        &mut self,
        instance: &Instance,
        target: &[f64],
        t: u32,
        timing: FlowTiming,
        multiplier: f64,
    ) {
        if let Some(flows) = instance.account.flows.get(t as usize) {
            let flow = flows.at(timing);
            let (routing, costs) = (instance.policy.cash_flows, &instance.costs);
            let terms = FlowTerms { routing, target, costs, multiplier };
            self.contribute(flow.contribution, &terms);
            self.withdraw(t, flow.withdrawal, &terms);
        }
    }

    fn contribute(&mut self, amount: f64, terms: &FlowTerms<'_>) {
        if amount == 0.0 || self.ruined_at.is_some() {
            return;
        }
        let before = self.wealth;
        let inverse = 1.0 / before;
        let invested = match terms.routing {
            FlowRouting::TargetWeights => self.buy_mix(amount, terms.target, terms),
            FlowRouting::ProRata => {
                let weights: Vec<f64> = self.holdings.iter().map(|h| h * inverse).collect();
                self.buy_mix(amount, &weights, terms)
            }
            FlowRouting::MostOffTargetFirst => {
                let costs = terms.costs.of_flows(terms.multiplier);
                buy_most_below(amount, terms.target, &mut self.holdings, before, &costs)
            }
        };
        self.wealth = if terms.routing == FlowRouting::MostOffTargetFirst {
            total(&self.holdings)
        } else {
            before + invested
        };
        self.unit_scale *= before / (before + amount);
        self.flow += amount;
        self.spend(amount - invested, (amount - invested) * inverse);
    }

    /// Buys assets in the proportions `weights`; returns the value bought.
    fn buy_mix(&mut self, amount: f64, weights: &[f64], terms: &FlowTerms<'_>) -> f64 {
        let invested = terms.costs.convention.bought(amount, terms.rate(weights));
        for (holding, w) in self.holdings.iter_mut().zip(weights) {
            *holding += w * invested;
        }
        invested
    }

    /// Pays out `amount`; where the holdings are not worth more than it takes, pays out the rest
    /// and ruins the account at step `t`.
    fn withdraw(&mut self, t: u32, amount: f64, terms: &FlowTerms<'_>) {
        if amount == 0.0 || self.ruined_at.is_some() {
            return;
        }
        let before = self.wealth;
        let inverse = 1.0 / before;
        let weights: Vec<f64> = self.holdings.iter().map(|h| h * inverse).collect();
        let rate = terms.rate(&weights);
        let drawn = terms.costs.convention.sold(amount, rate);
        if drawn >= before {
            self.ruin(t, rate);
            return;
        }
        let (drawn, left) = match terms.routing {
            FlowRouting::TargetWeights | FlowRouting::ProRata => {
                let keep = (before - drawn) * inverse;
                self.holdings.iter_mut().for_each(|holding| *holding *= keep);
                (drawn, before - drawn)
            }
            FlowRouting::MostOffTargetFirst => {
                let costs = terms.costs.of_flows(terms.multiplier);
                let holdings = &mut self.holdings;
                let drawn = sell_most_above(amount, terms.target, holdings, before, &costs);
                (drawn, total(&self.holdings))
            }
        };
        self.wealth = left;
        self.unit_scale *= before / (before - amount);
        self.flow -= amount;
        self.spend(drawn - amount, (drawn - amount) * inverse);
    }

    /// Pays out everything that is left, at the cost rate `rate`.
    fn ruin(&mut self, t: u32, rate: f64) {
        let before = self.wealth;
        self.unit_at_ruin = before * self.unit_scale;
        self.ruined_at = Some(t);
        self.wealth = 0.0;
        self.holdings.fill(0.0);
        self.flow -= before - before * rate;
        self.spend(before * rate, rate);
    }

    /// Adds a cost in currency, and as a fraction of the wealth that it was paid from.
    pub fn spend(&mut self, cost: f64, fraction: f64) {
        self.cost += cost;
        self.cost_frac += fraction;
    }
}
