//! Picks the widest instruction set at run time and compiles a kernel for each of them.
//!
//! A kernel is written once, as plain loops over rows, in [`Kernel::run`] marked
//! `#[inline(always)]`. This module inlines it into one function per instruction set. All of them
//! execute the same IEEE operations in the same order, never a fused multiply-add, so they give the
//! same bits. No other module of the workspace has `unsafe` code.

use std::fmt;

/// A loop body that is compiled for every instruction set. Mark `run`, and every function it calls,
/// `#[inline(always)]`.
pub trait Kernel {
    /// Result of the kernel.
    type Output;

    /// Runs the loops.
    fn run(self) -> Self::Output;
}

/// An instruction set of this machine. A value above the baseline can only come from
/// [`Level::available`], which asks the CPU.
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
    /// The instruction set of every machine of this architecture.
    pub const BASELINE: Self = Self(Isa::Baseline);

    /// Returns the widest level of this machine.
    #[must_use]
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::BASELINE)
    }

    /// Returns all levels of this machine, narrowest first.
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

    /// Returns the level's name: `baseline`, `avx2` or `avx512`.
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
            // SAFETY: only `available` makes a `Level` above the baseline, after it has detected
            // the features on this machine.
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
