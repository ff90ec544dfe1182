//! Why a network cannot be built.

use thiserror::Error;

use crate::spec::Place;

/// A spec that does not fit its data.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BuildError {
    /// The base halves the image once a block.
    #[error(
        "model.base.blocks: found {blocks}, but images of {height}x{width} allow at most {most} \
         halvings"
    )]
    ImageTooSmall {
        /// Blocks asked for
        blocks: usize,
        /// Image height
        height: usize,
        /// Image width
        width: usize,
        /// Largest number of blocks
        most: u32,
    },
    /// A module that is to be frozen does not exist.
    #[error("model.frozen: found \"{place}\", but depth {} has {modules} modules", place.depth)]
    NoSuchModule {
        /// What was asked for
        place: Place,
        /// Modules at that depth
        modules: usize,
    },
}
