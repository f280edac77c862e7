//! Addresses random numbers by (seed, path, stream, place): nothing is ever consumed from a shared
//! generator.
//!
//! Any path, any step and any block size reads the same words, because each word is a function of
//! its address alone. Generators of paths read the words of one place with [`words`] and
//! [`fill_words`]. Set-up, resampling, tests and examples draw from any law of `rand_distr` with
//! [`AddressedRng`].

mod address;
mod addressed;
mod philox;

pub use address::{Paths, Stream, fill_words, words};
pub use addressed::{Address, AddressedRng};
pub use philox::{ROUNDS, philox};
