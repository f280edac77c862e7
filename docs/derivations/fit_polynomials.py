"""Fits the polynomial coefficients that stand in crates/core/src/numerics.

Near-minimax (Chebyshev) fits in 60 digits, printed as Rust literals with the largest error of the exact polynomial.
Needs only mpmath. Run: python3 docs/derivations/fit_polynomials.py
"""
from mpmath import mp, mpf, chebyfit, log, exp, sin, cos, sqrt, atanh, pi

mp.dps = 60


def show(name, function, interval, terms, kind):
    coefficients, error = chebyfit(function, interval, terms, error=True)
    print(f"{name}: {terms} terms on [{float(interval[0]):.6f}, {float(interval[1]):.6f}], error {float(error):.2e}")
    for c in reversed(coefficients):  # constant first
        print(f"    {mp.nstr(c, 20 if kind == 'f64' else 12, strip_zeros=False)},")


tiny = mpf(10) ** -25


def safe(function, limit):
    return lambda x: limit if abs(x) < tiny else function(x)


# ln(1 + t) = t - t^2/2 + t^3 P(t), m = 1 + t in [sqrt(1/2), sqrt(2)]
show("ln f32: P(t)", safe(lambda t: (log(1 + t) - t + t * t / 2) / t**3, mpf(1) / 3), [sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1], 9, "f32")
# sin x = x + x^3 S(x^2), cos x = 1 - x^2/2 + x^4 C(x^2), |x| <= pi/4
show("sin f32: S(z)", safe(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6), [mpf(0), (pi / 4) ** 2], 3, "f32")
show("cos f32: C(z)", safe(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), [mpf(0), (pi / 4) ** 2], 3, "f32")
# expm1 x = x + x^2 E(x), |x| <= 1
show("expm1 f32: E(x)", safe(lambda x: (exp(x) - 1 - x) / x**2, mpf(1) / 2), [mpf(-1), mpf(1)], 8, "f32")
# ln((1+s)/(1-s)) = 2 s (1 + z A(z)), z = s^2
show("atanh f64, |s| <= 3 - 2 sqrt 2: A(z)", safe(lambda z: (atanh(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 3), [mpf(0), (3 - 2 * sqrt(mpf(2))) ** 2 * mpf("1.001")], 7, "f64")
# exp r = 1 + r + r^2 B(r), |r| <= ln(2)/2
show("exp f64: B(r)", safe(lambda r: (exp(r) - 1 - r) / r**2, mpf(1) / 2), [-log(mpf(2)) / 2 * mpf("1.001"), log(mpf(2)) / 2 * mpf("1.001")], 11, "f64")
# ln(1 + d) = d - d^2/2 + d^3 G(d), |d| <= 0.15
show("ln near one f64: G(d)", safe(lambda d: (log(1 + d) - d + d * d / 2) / d**3, mpf(1) / 3), [mpf("-0.15"), mpf("0.15")], 11, "f64")
