//! What every run has, whatever its settings and metrics are called.

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The run's id
    Id,
    /// Its label
    Name,
    /// By which results are summarised
    Model,
    /// Its seed; `train.seed` is another name of it
    Seed,
    /// Name of its data set
    Dataset,
    /// How far it is
    State,
    /// The sweeps that ask for it: a sweep's name, or the name of its folder
    Sweep,
    /// Number of alarms
    Alarms,
    /// Steps made
    Step,
    /// Steps of the whole run
    Steps,
    /// When it last changed, in seconds since 1970
    Updated,
    /// Why it failed, or what is wrong with its folder; `error` is a metric's name
    Failure,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Id,
        Self::Name,
        Self::Model,
        Self::Seed,
        Self::Dataset,
        Self::State,
        Self::Sweep,
        Self::Alarms,
        Self::Step,
        Self::Steps,
        Self::Updated,
        Self::Failure,
    ];

    /// Its name in filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Model => "model",
            Self::Seed => "seed",
            Self::Dataset => "dataset",
            Self::State => "state",
            Self::Sweep => "sweep",
            Self::Alarms => "alarms",
            Self::Step => "step",
            Self::Steps => "steps",
            Self::Updated => "updated",
            Self::Failure => "failure",
        }
    }

    /// The field of that name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "train.seed" => Some(Self::Seed),
            name => Self::ALL.into_iter().find(|field| field.name() == name),
        }
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Seed | Self::Alarms | Self::Step | Self::Steps | Self::Updated)
    }
}
