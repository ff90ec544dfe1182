//! Data of Pathweave on the host: multi-task image sets, readers of the public file layouts and
//! named random streams. No tensor library, no printing, no environment, no clock.

mod batch;
pub mod check;
pub mod dataset;
mod error;
pub mod format;
mod image_shape;
mod parts;
mod source;
mod streams;
pub mod text;
mod ziggurat;

pub use batch::{Batch, Example, Split, TaskSet};
pub use dataset::{DATASETS, DRAWN, DatasetInfo, DatasetSpec, Loader};
pub use error::{DataError, DataErrors};
pub use image_shape::ImageShape;
pub use parts::Parts;
pub use streams::{Stream, Streams};
