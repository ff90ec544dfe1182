//! Figures of the thesis.

mod chang_curriculum;
mod domain;
mod fig_4_3;
mod fig_4_4;
mod fig_5_1;
mod fig_5_2;
mod fig_5_3;
mod fig_5_4;
mod fig_5_5;
mod fig_5_6;
mod models;

pub use chang_curriculum::CHANG_CURRICULUM;
pub use fig_4_3::FIG_4_3;
pub use fig_4_4::FIG_4_4;
pub use fig_5_1::FIG_5_1;
pub use fig_5_2::FIG_5_2;
pub use fig_5_3::FIG_5_3;
pub use fig_5_4::FIG_5_4;
pub use fig_5_5::FIG_5_5;
pub use fig_5_6::FIG_5_6;
