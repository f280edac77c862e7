//! Plans the rounds of successive halving: many candidates on few paths, few on many.

/// One round of successive halving (Jamieson and Talwalkar 2016).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Number of candidates that run.
    pub candidates: usize,
    /// Number of paths, from the first one, that each candidate has run on after the round.
    pub paths: u64,
}

/// Size of a search by successive halving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halving {
    /// Number of candidates of the first round.
    pub candidates: usize,
    /// Number of candidates of the last round.
    pub finalists: usize,
    /// Share of the candidates that each round hands on; from 1 on there is one round only.
    pub keep: f64,
    /// Fewest paths of a round.
    pub first_paths: u64,
    /// Paths of the last round.
    pub paths: u64,
    /// Number of paths to which those of a round are rounded up.
    pub unit: u64,
}

/// Plans the rounds that lead from all candidates on few paths to the finalists on all paths.
///
/// Each round keeps the share `keep` of the candidates and gives them `1 / keep` times the paths.
/// A round that would add no paths to the round before it is left out.
#[must_use]
pub fn rounds(halving: Halving) -> Vec<Round> {
    let Halving { candidates, finalists, keep, first_paths, paths, unit } = halving;
    let mut counts = vec![candidates];
    while let Some(&last) = counts.last()
        && last > finalists
        && keep < 1.0
    {
        let next = ((last as f64 * keep).ceil() as usize).max(finalists).min(last - 1);
        counts.push(next);
    }
    let last = counts.len() - 1;
    let mut rounds: Vec<Round> = Vec::new();
    for (place, &candidates) in counts.iter().enumerate() {
        let mut share = 1.0;
        for _ in place..last {
            share *= keep;
        }
        let wanted = if place == last {
            paths
        } else {
            ((paths as f64 * share) as u64).max(first_paths).min(paths)
        };
        let rounded = if wanted >= paths { paths } else { wanted.div_ceil(unit) * unit };
        rounds.push(Round { candidates, paths: rounded.min(paths) });
    }
    // With few paths in all, rounds would have the same number of paths: the first of them decides.
    let mut kept: Vec<Round> = Vec::new();
    for round in rounds {
        match kept.last() {
            Some(before) if before.paths >= round.paths => {}
            Some(_) | None => kept.push(round),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_lead_from_all_candidates_to_all_paths() {
        let halving = |candidates, finalists, keep, first_paths, paths| {
            rounds(Halving { candidates, finalists, keep, first_paths, paths, unit: 1024 })
        };
        let found = halving(1000, 8, 0.25, 1024, 100_000);
        let pairs: Vec<(usize, u64)> =
            found.iter().map(|round| (round.candidates, round.paths)).collect();
        assert_eq!(pairs, [(1000, 1024), (250, 2048), (63, 7168), (16, 25_600), (8, 100_000)]);
        assert_eq!(halving(5, 8, 0.25, 1024, 4096), [Round { candidates: 5, paths: 4096 }]);
        assert_eq!(halving(1000, 8, 1.0, 1024, 4096), [Round { candidates: 1000, paths: 4096 }]);
        assert_eq!(halving(100, 1, 0.5, 4096, 4096), [Round { candidates: 100, paths: 4096 }]);
    }
}
