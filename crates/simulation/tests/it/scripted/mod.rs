//! Makes a market of paths that a test writes itself.

use corridor_core::path::{PathBlock, PathSource};
use corridor_simulation::reference::MarketPath;

/// Market whose path `k` is entry `k mod len` of a list.
pub struct Scripted {
    assets: Vec<String>,
    regimes: Vec<String>,
    paths: Vec<MarketPath>,
}

impl Scripted {
    /// Makes a market of these paths, which all have the same shape.
    pub fn new(paths: Vec<MarketPath>) -> Self {
        let assets = (0..paths[0].gross[0].len()).map(|i| format!("a{i}")).collect();
        let regimes = paths.iter().flat_map(|p| &p.regime).max().map_or(1, |last| last + 1);
        Self { assets, regimes: (0..regimes).map(|s| format!("r{s}")).collect(), paths }
    }
}

impl<const L: usize> PathSource<L> for Scripted {
    fn assets(&self) -> &[String] {
        &self.assets
    }

    fn regimes(&self) -> &[String] {
        &self.regimes
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        (block.start, block.steps) = (start, steps);
        block.set_indicators(self.paths[0].indicator.first().map_or(0, Vec::len));
        for k in 0..steps {
            for l in 0..L {
                let path = &self.paths[(first_path as usize + l) % self.paths.len()];
                for (number, value) in
                    path.indicator.get(start as usize + k).into_iter().flatten().enumerate()
                {
                    block.indicator_mut(k, number)[l] = *value;
                }
            }
            let row = block.step_mut(k);
            for l in 0..L {
                let path = &self.paths[(first_path as usize + l) % self.paths.len()];
                let t = start as usize + k;
                row.regime[l] = path.regime[t];
                for i in 0..self.assets.len() {
                    row.gross[i][l] = path.gross[t][i];
                    row.log_return[i][l] = path.log_return[t][i];
                }
            }
        }
    }
}
