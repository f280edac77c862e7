//! Measures the peak rate of the processor, with which the engine's figures are compared.

use std::hint::black_box;

use corridor_core::lanes::{LANES, Row};
use corridor_core::level::{Kernel, Level};
use cpu_time::ThreadTime;

/// Number of operations of the chain that is timed on each lane.
const CHAIN: usize = 32;

type Doubles = Row<f64, LANES>;

/// Multiplies and adds without fusing: `x <- x * a + b` in four parallel chains, `CHAIN / 2` times
/// in all.
struct MultiplyAdd<'a>(&'a mut Doubles, f64, f64);
/// Applies a function four times: `x <- f(x)`.
struct Repeat<'a, F>(&'a mut Doubles, F);
/// Adds from memory, `y <- y + x`: two loads and a store for one addition.
struct Stream<'a>(&'a mut Doubles, &'a Doubles);

impl Kernel for MultiplyAdd<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self(row, a, b) = self;
        for l in 0..LANES {
            let mut x = [row[l], row[l] + a, row[l] - a, row[l] * b];
            for _ in 0..CHAIN / 8 {
                x = x.map(|x| x * a + b);
            }
            row[l] = x[0] + x[1] + (x[2] + x[3]);
        }
    }
}

impl<F: Fn(f64) -> f64> Kernel for Repeat<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self(row, f) = self;
        for l in 0..LANES {
            let mut x = row[l];
            for _ in 0..4 {
                x = f(x);
            }
            row[l] = x;
        }
    }
}

impl Kernel for Stream<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for l in 0..LANES {
            self.0[l] += self.1[l];
        }
    }
}

/// Prints nanoseconds per eight lanes of each operation at each instruction set.
pub fn print() {
    println!(
        "\nceilings of this processor, ns per operation on eight doubles in the first-level \
        cache\n| level | multiply or add | divide | square root | two loads, add, store \
        |\n|---|---|---|---|---|"
    );
    for level in Level::available() {
        let (mut x, y) = (Doubles::splat(1.5), Doubles::splat(1e-9));
        let (a, b) = (black_box(0.999), black_box(1e-3));
        let chain = best(CHAIN + 6, || level.run(MultiplyAdd(black_box(&mut x), a, b)));
        let divide = best(4, || level.run(Repeat(black_box(&mut x), |x| a / x)));
        let root = best(4, || level.run(Repeat(black_box(&mut x), f64::sqrt)));
        let stream = best(1, || level.run(Stream(black_box(&mut x), black_box(&y))));
        println!("| {} | {chain:.3} | {divide:.2} | {root:.2} | {stream:.2} |", level.name());
    }
}

/// Returns the shortest time of one of `operations` on eight lanes, in nanoseconds.
fn best(operations: usize, mut work: impl FnMut()) -> f64 {
    const TURNS: usize = 2_000;
    let mut least = f64::INFINITY;
    for _ in 0..40 {
        let started = ThreadTime::now();
        for _ in 0..TURNS {
            work();
        }
        least = least.min(started.elapsed().as_nanos() as f64);
    }
    least / (TURNS * operations * LANES / 8) as f64
}
