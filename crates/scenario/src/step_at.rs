//! Names the step that is being generated.

use corridor_core::random::Paths;

/// One step of the paths of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepAt {
    /// Paths of the block.
    pub paths: Paths,
    /// Step, from 0: the one that earns from `t` to `t + 1`.
    pub t: u32,
}
