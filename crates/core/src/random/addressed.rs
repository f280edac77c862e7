//! Draws any number of random words at one address, behind the generator trait of `rand`.
//!
//! A sampler that rejects (the ziggurat normals, the gamma and the Poisson law of `rand_distr`)
//! takes an unknown number of words. Here all of them come from Philox blocks of its one address,
//! so it never reaches a word of another. This generator serves set-up, resampling, tests and
//! examples. The shipped markets read a known number of [`words`](super::words) per path.
//!
//! Layout of the counter, with the seed as the key:
//!
//! | word | bits | content |
//! |---|---|---|
//! | 0, 1 | all | path, low half first |
//! | 2 | all | place |
//! | 3 | 0 to 4 | [`Stream`] |
//! | 3 | 5 to 30 | block within the address |
//! | 3 | 31 | 1; always 0 in the counters of [`words`](super::words) |

use std::convert::Infallible;

use rand_core::TryRng;

use super::address::Stream;
use super::philox::philox;

const STREAM_BITS: u32 = 5;
const TAG: u32 = 1 << 31;
const BLOCKS: u32 = TAG >> STREAM_BITS;

const _: () = assert!(Stream::ALL.len() <= 1 << STREAM_BITS, "a stream would reach into the block");

/// Address of a random sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// Master seed.
    pub seed: u64,
    /// Number of the path.
    pub path: u64,
    /// Purpose of the sequence.
    pub stream: Stream,
    /// Number of the sequence within the path's stream.
    pub place: u32,
}

/// Random generator over the words of one [`Address`].
///
/// Equal addresses give equal sequences. Different addresses share no Philox block, whatever the
/// number of draws; nor does any address share one with [`words`](super::words). After `2^28` words
/// of 32 bits the sequence starts again.
///
/// ```
/// use corridor_core::random::{Address, AddressedRng, Stream};
/// use rand::RngExt;
/// use rand_distr::StandardNormal;
///
/// let address = Address { seed: 7, path: 0, stream: Stream::Bootstrap, place: 3 };
/// let (mut once, mut again) = (AddressedRng::new(address), AddressedRng::new(address));
/// let z: f64 = once.sample(StandardNormal);
/// assert_eq!(z, again.sample(StandardNormal));
/// ```
#[derive(Clone, Debug)]
pub struct AddressedRng {
    address: Address,
    /// Number of the next Philox block.
    block: u32,
    words: [u32; 4],
    /// Words of the current block that are not yet drawn.
    left: usize,
}

impl AddressedRng {
    /// Returns the generator that starts with the first word of `address`.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { address, block: 0, words: [0; 4], left: 0 }
    }

    fn next_word(&mut self) -> u32 {
        if self.left == 0 {
            let Address { seed, .. } = self.address;
            self.words =
                philox(counter(self.address, self.block), [seed as u32, (seed >> 32) as u32]);
            self.block = (self.block + 1) % BLOCKS;
            self.left = 4;
        }
        self.left -= 1;
        self.words[3 - self.left]
    }
}

/// Counter of block number `block` of an address; see the table of the module.
fn counter(address: Address, block: u32) -> [u32; 4] {
    let Address { path, stream, place, .. } = address;
    [path as u32, (path >> 32) as u32, place, TAG | block << STREAM_BITS | stream as u32]
}

impl TryRng for AddressedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.next_word());
        Ok(u64::from(self.next_word()) << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for four in bytes.chunks_mut(4) {
            four.copy_from_slice(&self.next_word().to_le_bytes()[..four.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::{Rng, RngExt};
    use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};

    use super::*;
    use crate::random::words;

    const HOME: Address = Address { seed: 1, path: 5, stream: Stream::Bootstrap, place: 9 };

    /// Draws `draws` normals, gammas and Poisson counts, all by rejection, and returns the counters
    /// of the blocks they took.
    fn counters_after(address: Address, draws: usize) -> Vec<[u32; 4]> {
        let mut rng = AddressedRng::new(address);
        let (gamma, poisson) = (
            Gamma::new(0.7, 1.0).expect("a gamma law"),
            Poisson::new(40.0).expect("a Poisson law"),
        );
        for _ in 0..draws {
            let normal: f64 = rng.sample(StandardNormal);
            assert!(normal.is_finite() && gamma.sample(&mut rng) >= 0.0);
            let count: f64 = poisson.sample(&mut rng);
            assert!(count >= 0.0);
        }
        (0..rng.block).map(|block| counter(address, block)).collect()
    }

    #[test]
    fn equal_addresses_give_equal_values() {
        let draw = || {
            let mut rng = AddressedRng::new(HOME);
            (0..1000).map(|_| rng.sample(StandardNormal)).collect::<Vec<f64>>()
        };
        assert_eq!(draw(), draw());
    }

    #[test]
    fn rejecting_samplers_never_reach_another_address() {
        let neighbours = [
            HOME,
            Address { path: 6, ..HOME },
            Address { path: 5 | 1 << 40, ..HOME },
            Address { stream: Stream::SignalNoise, ..HOME },
            Address { place: 10, ..HOME },
        ];
        let mut seen = HashSet::new();
        for address in neighbours {
            let counters = counters_after(address, 5000);
            assert!(counters.len() > 5000, "{} blocks are too few to tell", counters.len());
            for counter in counters {
                assert!(seen.insert(counter), "{counter:?} of {address:?} was drawn before");
            }
        }
    }

    #[test]
    fn no_sequence_shares_a_block_with_the_words_of_a_path() {
        for block in [0, 1, BLOCKS - 1] {
            for stream in Stream::ALL {
                let [.., purpose] = counter(Address { stream, ..HOME }, block);
                assert!(Stream::ALL.iter().all(|&other| purpose != other as u32));
            }
        }
        assert_ne!(AddressedRng::new(HOME).next_u32(), words(1, 5, 9, Stream::Bootstrap)[0]);
    }

    #[test]
    fn the_last_block_is_followed_by_the_first() {
        let mut rng = AddressedRng { block: BLOCKS - 1, ..AddressedRng::new(HOME) };
        let last: Vec<u32> = (0..4).map(|_| rng.next_u32()).collect();
        let first: Vec<u32> = (0..4).map(|_| rng.next_u32()).collect();
        let mut start = AddressedRng::new(HOME);
        assert_eq!(first, (0..4).map(|_| start.next_u32()).collect::<Vec<u32>>());
        assert_ne!(first, last);
    }

    #[test]
    fn bytes_and_long_words_are_made_of_the_same_words() {
        let (mut words, mut long, mut bytes) =
            (AddressedRng::new(HOME), AddressedRng::new(HOME), AddressedRng::new(HOME));
        let (low, high) = (words.next_u32(), words.next_u32());
        assert_eq!(long.next_u64(), u64::from(high) << 32 | u64::from(low));
        let mut out = [0; 7];
        bytes.fill_bytes(&mut out);
        assert_eq!(out[..4], low.to_le_bytes());
        assert_eq!(out[4..], high.to_le_bytes()[..3]);
    }
}
