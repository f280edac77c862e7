//! Makes markets in which nothing is random.

use corridor_core::numerics::ln;
use corridor_simulation::reference::MarketPath;

/// Makes a path on which each asset grows by its own factor, the same at every step.
pub fn steady(growth: &[f64], steps: u32) -> MarketPath {
    let n = steps as usize;
    MarketPath {
        path: 0,
        gross: vec![growth.to_vec(); n],
        log_return: vec![growth.iter().map(|&g| ln(g) as f32).collect(); n],
        regime: vec![0; n],
        ..MarketPath::default()
    }
}
