//! Training as a whole: the same bits again, faults that are told, modules that stay put.

mod edges;
mod expectation;
mod faults;
mod order;
mod ppo;
mod repeats;
mod replay;
mod switches;
mod untouched;
