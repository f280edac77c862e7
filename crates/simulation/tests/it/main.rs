//! Tests the simulation from outside, in one binary, so that its kernels are compiled once.

mod causality;
mod conditions;
mod exact;
mod hamilton_filter;
mod kernel_equals_reference;
mod null_world;
mod parts;
mod placebo;
mod plain_studies;
mod python_twin;
mod random_studies;
mod registered;
mod scripted;
mod statistical;
mod steady;
