//! Training as a whole: the same bits again, faults that are told, modules that stay put.

mod faults;
mod ppo;
mod repeats;
mod untouched;
