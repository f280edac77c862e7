//! Keeps one path's holdings through growth, fees, flows and trades.

use crate::account::Account;
use crate::cost::{CostConvention, CostModel};
use crate::policy::FlowRouting;
use crate::routing::{buy_most_below, sell_most_above, total};

/// Holdings of one path and policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Book {
    /// Value held in each asset, currency.
    pub holdings: Vec<f64>,
    /// Their total.
    pub wealth: f64,
    /// `unit value * initial = wealth * unit_scale`: 1 until a flow changes the number of units.
    pub unit_scale: f64,
    /// Step of ruin.
    pub ruined_at: Option<u32>,
    /// Unit value times initial balance when ruin stopped it.
    unit_at_ruin: f64,
    /// Cost of the current step, currency, and the same as fractions of the wealth each was taken
    /// from.
    pub cost: f64,
    pub cost_frac: f64,
    /// Net flow of the current step, currency.
    pub flow: f64,
}

impl Book {
    /// Invests the initial balance at the target weights.
    pub fn open(account: &Account, costs: &CostModel, target: &[f64]) -> Self {
        let initial = account.initial;
        let mut invested = initial;
        if costs.charge_initial_purchase {
            let legs = target.iter().filter(|w| **w != 0.0).count() as f64;
            invested = bought(
                costs.convention,
                initial - costs.fixed_fee * legs,
                costs.of_mix(1.0, target),
            );
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

    /// The unit value times the initial balance.
    pub fn unit(&self) -> f64 {
        if self.ruined_at.is_some() { self.unit_at_ruin } else { self.wealth * self.unit_scale }
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

    /// Pays in `amount`, by the routing.
    pub fn contribute(
        &mut self,
        amount: f64,
        (routing, target): (FlowRouting, &[f64]),
        costs: &CostModel,
        multiplier: f64,
    ) {
        if amount == 0.0 || self.ruined_at.is_some() {
            return;
        }
        let before = self.wealth;
        let inverse = 1.0 / before;
        let invested = match routing {
            FlowRouting::TargetWeights => self.buy_mix(amount, target, costs, multiplier),
            FlowRouting::ProRata => {
                let weights: Vec<f64> = self.holdings.iter().map(|h| h * inverse).collect();
                self.buy_mix(amount, &weights, costs, multiplier)
            }
            FlowRouting::MostOffTargetFirst => buy_most_below(
                amount,
                target,
                &mut self.holdings,
                before,
                &costs.of_flows(multiplier),
            ),
        };
        self.wealth = if routing == FlowRouting::MostOffTargetFirst {
            total(&self.holdings)
        } else {
            before + invested
        };
        self.unit_scale *= before / (before + amount);
        self.flow += amount;
        self.spend(amount - invested, (amount - invested) * inverse);
    }

    /// Its weights; `otherwise` where nothing is held.
    pub fn weights_or(&self, otherwise: &[f64]) -> Vec<f64> {
        if self.wealth > 0.0 {
            self.holdings.iter().map(|h| h / self.wealth).collect()
        } else {
            otherwise.to_vec()
        }
    }

    fn buy_mix(&mut self, amount: f64, weights: &[f64], costs: &CostModel, multiplier: f64) -> f64 {
        let rate = if costs.charge_flows { costs.of_mix(multiplier, weights) } else { 0.0 };
        let invested = bought(costs.convention, amount, rate);
        for (holding, w) in self.holdings.iter_mut().zip(weights) {
            *holding += w * invested;
        }
        invested
    }

    /// Takes out `amount` at step `t`, or what is left if that is less, by the routing.
    pub fn withdraw(
        &mut self,
        t: u32,
        amount: f64,
        (routing, target): (FlowRouting, &[f64]),
        costs: &CostModel,
        multiplier: f64,
    ) {
        if amount == 0.0 || self.ruined_at.is_some() {
            return;
        }
        let before = self.wealth;
        let inverse = 1.0 / before;
        let weights: Vec<f64> = self.holdings.iter().map(|h| h * inverse).collect();
        let rate = if costs.charge_flows { costs.of_mix(multiplier, &weights) } else { 0.0 };
        let drawn = sold(costs.convention, amount, rate);
        if drawn >= before {
            self.unit_at_ruin = before * self.unit_scale;
            self.ruined_at = Some(t);
            self.wealth = 0.0;
            self.holdings.fill(0.0);
            self.flow -= before - before * rate;
            self.spend(before * rate, rate);
            return;
        }
        let (drawn, left) = match routing {
            FlowRouting::TargetWeights | FlowRouting::ProRata => {
                let keep = (before - drawn) * inverse;
                self.holdings.iter_mut().for_each(|holding| *holding *= keep);
                (drawn, before - drawn)
            }
            FlowRouting::MostOffTargetFirst => {
                let drawn = sell_most_above(
                    amount,
                    target,
                    &mut self.holdings,
                    before,
                    &costs.of_flows(multiplier),
                );
                (drawn, total(&self.holdings))
            }
        };
        self.wealth = left;
        self.unit_scale *= before / (before - amount);
        self.flow -= amount;
        self.spend(drawn - amount, (drawn - amount) * inverse);
    }

    /// Books a cost in currency and as a fraction of the wealth it was taken from.
    pub fn spend(&mut self, cost: f64, fraction: f64) {
        self.cost += cost;
        self.cost_frac += fraction;
    }
}

/// What `amount` of money buys when each unit bought costs `rate` more.
#[inline(always)]
pub(crate) fn bought(convention: CostConvention, amount: f64, rate: f64) -> f64 {
    match convention {
        CostConvention::Exact => amount / (1.0 + rate),
        CostConvention::Pre => amount - amount * rate,
    }
}

/// What must be sold to receive `amount` when each unit sold costs `rate`.
#[inline(always)]
pub(crate) fn sold(convention: CostConvention, amount: f64, rate: f64) -> f64 {
    match convention {
        CostConvention::Exact => amount / (1.0 - rate),
        CostConvention::Pre => amount + amount * rate,
    }
}
