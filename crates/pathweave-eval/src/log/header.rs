//! What a log says about itself.

use super::row::{Choice, RoutingRow};

/// The name that a header carries.
pub const FORMAT: &str = "pathweave-routing-log";

/// The format's version that this crate writes. A newer log is read as far as it is known.
pub const FORMAT_VERSION: u32 = 1;

/// Which actions besides the modules the router could take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Actions {
    /// It could leave a depth out.
    pub skip: bool,
    /// It could end a sample's path.
    pub end: bool,
}

/// What a log says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHeader {
    /// Version of the format.
    pub version: u32,
    /// Number of modules at each depth \[T\].
    pub modules: Vec<usize>,
    /// Names of the contexts \[C\]; empty where there are none.
    pub contexts: Vec<String>,
    /// Names of the ground-truth rules \[R\]; empty where there are none.
    pub conditions: Vec<String>,
    /// Actions besides the modules.
    pub actions: Actions,
    /// Who wrote the log, in free text.
    pub source: String,
    /// Training step of the evaluation.
    pub step: Option<u64>,
    /// Training epoch of the evaluation.
    pub epoch: Option<u64>,
}

impl LogHeader {
    /// A header for `modules[t]` modules at depth t, and nothing else.
    pub fn new(modules: Vec<usize>) -> Self {
        Self {
            version: FORMAT_VERSION,
            modules,
            contexts: Vec::new(),
            conditions: Vec::new(),
            actions: Actions::default(),
            source: String::new(),
            step: None,
            epoch: None,
        }
    }

    /// The number of depths, T.
    pub fn depths(&self) -> usize {
        self.modules.len()
    }

    /// The number of choices at `depth`: its modules, and skip and end where they exist.
    pub fn choices(&self, depth: usize) -> usize {
        self.modules[depth] + usize::from(self.actions.skip) + usize::from(self.actions.end)
    }

    /// The smallest header that allows `rows`. Contexts and conditions are named by their number.
    /// Indices beyond this crate's limits are left out, so that the check reports them.
    pub(super) fn inferred(rows: &[RoutingRow]) -> Self {
        use super::check::{CONTEXT_LIMIT, DEPTH_LIMIT, MODULE_LIMIT};
        let mut header = Self::new(Vec::new());
        let (mut contexts, mut conditions) = (0, 0);
        for row in rows {
            let depth = row.depth as usize;
            if depth < DEPTH_LIMIT {
                if header.modules.len() <= depth {
                    header.modules.resize(depth + 1, 1);
                }
                let modules = match &row.choice {
                    Choice::Module(module) => *module as usize + 1,
                    Choice::Weights(weights) => weights.len(),
                    Choice::Skip | Choice::End => 0,
                };
                if modules <= MODULE_LIMIT {
                    header.modules[depth] = header.modules[depth].max(modules);
                }
            }
            header.actions.skip |= row.choice == Choice::Skip;
            header.actions.end |= row.choice == Choice::End;
            for (count, index) in [(&mut contexts, row.context), (&mut conditions, row.condition)] {
                let needed = index.map_or(0, |index| index as usize + 1);
                if needed <= CONTEXT_LIMIT {
                    *count = needed.max(*count);
                }
            }
        }
        let names = |count: usize| (0..count).map(|index| index.to_string()).collect();
        header.contexts = names(contexts);
        header.conditions = names(conditions);
        header
    }
}
