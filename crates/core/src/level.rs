//! Picks the widest instruction set at run time and compiles a kernel for each of them.
//!
//! A kernel is written once, as plain loops over rows, in [`Kernel::run`] marked
//! `#[inline(always)]`; here it is inlined into one function per instruction set. All of them
//! execute the same IEEE operations in the same order, never a fused multiply-add, so they give the
//! same bits. This is the only module of the workspace with `unsafe` code.

use std::fmt;

/// A loop body to be compiled for every instruction set. Mark `run`, and all it calls,
/// `#[inline(always)]`.
pub trait Kernel {
    /// What the kernel returns.
    type Output;

    /// Does the work.
    fn run(self) -> Self::Output;
}

/// An instruction set this machine has. Values above the baseline exist only where the CPU was
/// asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(Isa);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Isa {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// What every machine of this architecture has.
    pub const BASELINE: Self = Self(Isa::Baseline);

    /// The widest level of this machine.
    #[must_use]
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::BASELINE)
    }

    /// All levels of this machine, narrowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::BASELINE];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                levels.push(Self(Isa::Avx2));
            }
            if ["avx512f", "avx512bw", "avx512dq", "avx512vl"].into_iter().all(detected)
                && is_x86_feature_detected!("avx2")
            {
                levels.push(Self(Isa::Avx512));
            }
        }
        levels
    }

    /// The level's name: `baseline`, `avx2` or `avx512`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Isa::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => "avx512",
        }
    }

    /// Runs `kernel` compiled for this level.
    #[inline]
    #[expect(
        unsafe_code,
        reason = "calling a function compiled for features that were detected when the level was \
        made"
    )]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Isa::Baseline => kernel.run(),
            // SAFETY: `Level` values above the baseline are made in `available` only, after
            // detection on this machine.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { run_avx2(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { run_avx512(kernel) },
        }
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(target_arch = "x86_64")]
fn detected(feature: &str) -> bool {
    match feature {
        "avx512f" => is_x86_feature_detected!("avx512f"),
        "avx512bw" => is_x86_feature_detected!("avx512bw"),
        "avx512dq" => is_x86_feature_detected!("avx512dq"),
        "avx512vl" => is_x86_feature_detected!("avx512vl"),
        _ => false,
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sum<'a>(&'a [f64]);
    impl Kernel for Sum<'_> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            self.0.iter().sum()
        }
    }

    #[test]
    fn every_level_runs_the_same_kernel() {
        for level in Level::available() {
            assert_eq!(level.run(Sum(&[1.0, 2.0, 3.5])), 6.5, "{level:?}");
        }
        assert!(Level::best() >= Level::BASELINE);
    }
}
