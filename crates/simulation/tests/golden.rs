//! Checks golden bits: random words, normals, paths and outcomes are equal, to the last bit, on
//! every machine and in every profile.
//!
//! A failure here says that a study and seed now give other numbers. If nobody meant that, it is a
//! bug. If it was meant, raise `corridor_core::NUMERICS_VERSION`, write a line under
//! "Value changes" of CHANGELOG.md, and in the same commit copy the constants from the failure's
//! message. Only the outcomes depend on more than the product: on the generator of random studies
//! and on `rand`, which draws them. Where one of these changed and nothing but `OUTCOMES` did, the
//! studies are other studies: copy the constants and leave the version.

#[path = "it/random_studies/mod.rs"]
mod random_studies;

use std::collections::BTreeMap;

use corridor_core::NUMERICS_VERSION;
use corridor_core::level::Level;
use corridor_core::numerics::normal_pair;
use corridor_core::path::{CHUNK_STEPS, PathBlock, PathSource};
use corridor_core::random::{Stream, words};
use corridor_core::time::Step;
use corridor_scenario::bootstrap::{Bootstrap, History};
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{
    CorrelationChain, Initial, Innovations, MeanIs, Regime, RegimeSwitching,
};
use corridor_simulation::run::ShippedBlocks;
use random_studies::random_study;

/// Version of the numerics that the constants belong to.
const VERSION: u32 = 4;

/// Hash by FNV-1a with 64 bits.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    fn number(self, x: f64) -> Self {
        // Every NaN counts as one: processors differ in the NaN that an operation makes.
        let bits = if x.is_nan() { u64::MAX } else { x.to_bits() };
        self.bytes(&bits.to_le_bytes())
    }
}

#[track_caller]
fn assert_golden(what: &str, ours: &[u64], golden: &[u64]) {
    let list: Vec<String> = ours.iter().map(|hash| format!("0x{hash:016x}")).collect();
    let changed: Vec<usize> =
        (0..ours.len()).filter(|&k| golden.get(k) != Some(&ours[k])).collect();
    assert!(
        changed.is_empty() && ours.len() == golden.len(),
        "{what} changed at {changed:?}; see the head of this file. Now: [{}]",
        list.join(", ")
    );
}

#[test]
fn the_constants_belong_to_this_version() {
    assert_eq!(
        NUMERICS_VERSION, VERSION,
        "the version was raised: renew the constants of this file and `VERSION` with them"
    );
}

#[test]
fn fnv_is_the_published_one() {
    assert_eq!(Hash::new().0, 0xcbf2_9ce4_8422_2325);
    assert_eq!(Hash::new().bytes(b"a").0, 0xaf63_dc4c_8601_ec8c);
    assert_eq!(Hash::new().bytes(b"foobar").0, 0x8594_4171_f739_67e8);
}

#[test]
fn random_words_keep_their_bits() {
    let mut hash = Hash::new();
    for seed in [0, 1, 42, u64::MAX] {
        for path in [0, 1, 63, 1 << 32, u64::MAX] {
            for place in [0, 1, 1000, u32::MAX] {
                for stream in Stream::ALL {
                    for word in words(seed, path, place, stream) {
                        hash = hash.bytes(&word.to_le_bytes());
                    }
                }
            }
        }
    }
    assert_golden("random words", &[hash.0], &WORDS);
}

#[test]
fn normals_keep_their_bits() {
    let mut hash = Hash::new();
    for place in 0..25 {
        let [a, b, c, d] = words(42, 7, place, Stream::Innovations);
        for (first, second) in [normal_pair(a, b), normal_pair(c, d)] {
            hash =
                hash.bytes(&first.to_bits().to_le_bytes()).bytes(&second.to_bits().to_le_bytes());
        }
    }
    assert_golden("normals", &[hash.0], &NORMALS);
}

/// Hashes returns and regimes of 64 paths over 60 steps.
fn hash_of_paths(source: &dyn PathSource<64>) -> u64 {
    let (mut block, mut hash) = (PathBlock::<64>::new(source.assets().len()), Hash::new());
    for start in (0..60).step_by(CHUNK_STEPS) {
        source.fill(128, start, CHUNK_STEPS.min(60 - start as usize), &mut block);
        for k in 0..block.steps {
            for (gross, log_return) in block.gross(k).iter().zip(block.log_return(k)) {
                for l in 0..64 {
                    hash = hash.number(gross[l]).bytes(&log_return[l].to_bits().to_le_bytes());
                }
            }
            for regime in **block.regime(k) {
                hash = hash.bytes(&regime.to_le_bytes());
            }
        }
    }
    hash.0
}

/// Makes a market of days under a monthly regime clock, with a correlation chain that moves every
/// seventh day.
fn split_market(innovations: Innovations) -> RegimeSwitching {
    let regime =
        |name: &str, mean, vol| Regime { name: name.into(), mean, vol, correlation: Vec::new() };
    RegimeSwitching {
        assets: ["stock", "bond", "gold"].map(String::from).to_vec(),
        step: Step::Day,
        chain_period_steps: 21,
        moments_per_year: 12,
        mean_is: MeanIs::Log,
        transition: vec![vec![0.9, 0.1], vec![0.3, 0.7]],
        initial: Initial::Law(vec![0.25, 0.75]),
        innovations,
        regimes: vec![
            regime("calm", vec![0.01, 0.003, 0.0], vec![0.03, 0.012, 0.05]),
            regime("storm", vec![-0.01, 0.004, 0.01], vec![0.08, 0.02, 0.06]),
        ],
        correlation_chain: Some(CorrelationChain {
            chain_period_steps: 7,
            transition: vec![vec![0.8, 0.2], vec![0.5, 0.5]],
            initial: Initial::Stationary,
            regimes: [("apart", -0.3), ("together", 0.5)]
                .map(|(name, rho)| {
                    (
                        name.into(),
                        (0..3)
                            .map(|i| (0..3).map(|j| if i == j { 1.0 } else { rho }).collect())
                            .collect(),
                    )
                })
                .to_vec(),
        }),
        dynamics: corridor_scenario::dynamics::Dynamics::default(),
    }
}

#[test]
fn paths_of_every_kind_of_market_keep_their_bits() {
    let mut hashes = Vec::new();
    for innovations in [
        Innovations::Gaussian,
        Innovations::StudentT { df: 5.0 },
        Innovations::StudentT { df: 6.0 },
        Innovations::StudentT { df: 40.0 },
    ] {
        hashes.push(hash_of_paths(
            &RegimeModel::new(&split_market(innovations), 2024).expect("a valid market"),
        ));
    }
    let arithmetic = RegimeSwitching {
        mean_is: MeanIs::Arithmetic,
        initial: Initial::Regime(1),
        ..split_market(Innovations::Gaussian)
    };
    hashes.push(hash_of_paths(&RegimeModel::new(&arithmetic, 2024).expect("a valid market")));
    let returns =
        (0..97).map(|t| vec![0.01 * f64::from(t % 11 - 5), 0.003 * f64::from(t % 7)]).collect();
    let history = History {
        assets: vec!["a".into(), "b".into()],
        step: Step::Month,
        returns,
        indicators: Vec::new(),
        mean_block_steps: 7.5,
    };
    hashes.push(hash_of_paths(&Bootstrap::new(&history, 2024).expect("a valid history")));
    assert_golden("paths", &hashes, &PATHS);
}

#[test]
fn outcomes_of_twenty_studies_keep_their_bits() {
    let mut hashes = Vec::new();
    for seed in 500..520 {
        let (sim, model) = random_study(seed);
        let source = model.blocks();
        let mut blocks = ShippedBlocks::new(Level::best(), &sim, source).expect("few assets");
        let mut cells = BTreeMap::new();
        blocks.simulate(0, |instance, horizon, rows| {
            cells.insert((instance, horizon), *rows);
        });
        let values = cells.values().flatten().flat_map(|row| &row[64..]);
        hashes.push(values.fold(Hash::new(), |hash, &value| hash.number(value)).0);
    }
    assert_golden("outcomes", &hashes, &OUTCOMES);
}

const WORDS: [u64; 1] = [0x13c1_a796_9771_5338];

const NORMALS: [u64; 1] = [0xb656_3984_b3ce_cf76];

const PATHS: [u64; 6] = [
    0xda9d_2ff5_7146_2284,
    0xe933_5fd0_e1d9_7f1e,
    0x5ea1_5287_937b_3a7b,
    0x39ca_608b_e3f6_8297,
    0xab9a_d3f1_7fed_3435,
    0xaa46_3da8_cf90_7597,
];

const OUTCOMES: [u64; 20] = [
    0xa041_945c_9fd2_06b2,
    0x7754_cf29_74cb_2e09,
    0xa15f_9aa7_d0c1_e3f0,
    0xb05a_b98c_6f26_90a4,
    0x8775_2f54_05b1_94f4,
    0xa877_c513_0868_b031,
    0x1419_5d7a_7bb3_8e12,
    0x4c61_70f4_3fcc_8cdf,
    0x9013_d085_5a1b_dcf7,
    0xaa26_b252_199a_0523,
    0x4184_0b00_2857_f1e2,
    0x317a_ac3c_5fe8_9a2e,
    0xfd50_9494_1620_38a8,
    0x35d3_b249_92b8_3092,
    0x4cfd_202b_ccd1_92cd,
    0xe520_e917_bfb6_cd7f,
    0xb063_2657_c2fd_7f20,
    0x57f8_0a4b_d949_d74c,
    0x5138_29d3_cb2e_e57d,
    0xcb3c_487a_9c3c_b06a,
];
