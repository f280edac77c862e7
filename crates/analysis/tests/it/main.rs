//! Tests the analysis end to end on small synthetic studies, and its error rates on laws that are
//! known. One binary, so that the crate is compiled for it once.

mod analysis;
mod family_wise;
mod heavy_tails;
mod jumps;
mod selection;
mod statistical;
mod world;
