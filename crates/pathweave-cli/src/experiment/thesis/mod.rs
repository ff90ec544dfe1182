//! Figures of the thesis.

mod chapter_7;
mod domain;
mod fig_5_1;
mod fig_5_2;
mod fig_5_3;
mod fig_5_4;
mod fig_5_5;
mod fig_5_6;
mod fig_7_1;
mod fig_7_13;
mod fig_7_2;
mod fig_7_3;
mod fig_7_4;
mod fig_7_5;
mod fig_7_6;
mod fig_7_7;
mod fig_7_8;
mod fig_7_9;
mod models;

pub use fig_5_1::FIG_5_1;
pub use fig_5_2::FIG_5_2;
pub use fig_5_3::FIG_5_3;
pub use fig_5_4::FIG_5_4;
pub use fig_5_5::FIG_5_5;
pub use fig_5_6::FIG_5_6;
pub use fig_7_1::FIG_7_1;
pub use fig_7_2::FIG_7_2;
pub use fig_7_3::FIG_7_3;
pub use fig_7_4::FIG_7_4;
pub use fig_7_5::FIG_7_5;
pub use fig_7_6::FIG_7_6;
pub use fig_7_7::FIG_7_7;
pub use fig_7_8::FIG_7_8;
pub use fig_7_9::FIG_7_9;
pub use fig_7_13::FIG_7_13;
