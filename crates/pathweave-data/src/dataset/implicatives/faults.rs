//! What is wrong with the settings of implicatives.

use super::settings::{ImplicativesSpec, Variant};

/// There are so many more sentences that each split finds its own.
const MOST_TRAINING: usize = 200_000;
const MOST_OTHERS: usize = 20_000;

impl ImplicativesSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        let mut check = |right: bool, key: &'static str, found: String, allowed: &'static str| {
            if !right {
                faults.push((key, found, allowed));
            }
        };
        let before = self.before != Some(self.variant);
        let found = self.before.map_or("", Variant::name);
        check(before, "before", found.to_owned(), "a variant other than `variant`, or none");
        let also = self.also.is_none_or(|also| also != self.variant && Some(also) != self.before);
        let found = self.also.map_or("", Variant::name);
        let allowed = "a variant other than `variant` and `before`, or none";
        check(also, "also", found.to_owned(), allowed);
        let train = (1..=MOST_TRAINING).contains(&self.train);
        check(train, "train", self.train.to_string(), "1 to 200000");
        let validation = self.validation <= MOST_OTHERS;
        check(validation, "validation", self.validation.to_string(), "0 to 20000");
        let test = (1..=MOST_OTHERS).contains(&self.test);
        check(test, "test", self.test.to_string(), "1 to 20000");
        let reverse = (0.0..=1.0).contains(&self.reverse);
        check(reverse, "reverse", self.reverse.to_string(), "0 to 1");
        faults
    }
}
