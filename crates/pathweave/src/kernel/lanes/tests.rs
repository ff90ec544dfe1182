//! Operations whose lanes are easily mixed up, against their meaning.

use super::{Block, Kernel, LANES, Lanes, Level, Real};
use crate::kernel::lanes::real::Sealed;

/// Lane j of vector i is 100·i + j.
fn blocks() -> [Block<f32>; LANES] {
    std::array::from_fn(|i| std::array::from_fn(|j| (100 * i + j) as f32))
}

struct Sums<'a>(&'a mut Block<f32>);

impl Kernel<f32> for Sums<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        V::sums(&blocks().each_ref().map(V::get)).put(self.0);
    }
}

struct First<'a> {
    count: usize,
    from: &'a [f32],
    to: &'a mut [f32],
    all: &'a mut Block<f32>,
}

impl Kernel<f32> for First<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        assert!(self.count <= self.from.len().min(self.to.len()));
        // SAFETY: checked above.
        unsafe {
            let value = V::load_first(self.from.as_ptr(), self.count);
            value.put(self.all);
            value.store_first(self.to.as_mut_ptr(), self.count);
        }
    }
}

#[test]
fn sums_run_along_each_vector() {
    let expected: Block<f32> = std::array::from_fn(|i| (1600 * i + 120) as f32);
    for level in Level::available() {
        let mut found = [0.0; LANES];
        // SAFETY: the level is one of `Level::available`.
        unsafe { f32::dispatch(level, Sums(&mut found)) };
        assert_eq!(found, expected, "{level:?}");
    }
}

#[test]
fn partial_loads_and_stores_touch_the_first_lanes_alone() {
    let from: Vec<f32> = (1..=LANES).map(|lane| lane as f32).collect();
    for level in Level::available() {
        for count in 0..=LANES {
            let (mut to, mut all) = ([f32::from_f64(-1.0); LANES], [-2.0; LANES]);
            let from = &from[..count];
            let kernel = First { count, from, to: &mut to, all: &mut all };
            // SAFETY: the level is one of `Level::available`.
            unsafe { f32::dispatch(level, kernel) };
            for lane in 0..LANES {
                let value = from.get(lane).copied();
                assert_eq!(all[lane], value.unwrap_or(0.0), "{level:?}, {count}, {lane}");
                assert_eq!(to[lane], value.unwrap_or(-1.0), "{level:?}, {count}, {lane}");
            }
        }
    }
}
