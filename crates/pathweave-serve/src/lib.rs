//! A local web page over a store of runs.
