//! What the address of the table says: everything that a user chose, so that an address can be kept.

use pathweave_store::query::{Filter, Sort};

use super::html::url;

/// Parameters of an address; more are not looked at.
const PARAMETERS: usize = 256;
/// Keys to group by.
pub(crate) const KEYS: usize = 4;
/// Columns besides the fixed ones.
pub(crate) const COLUMNS: usize = 16;

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Which runs
    pub(crate) filter: String,
    /// Grouped by these keys
    pub(crate) by: Vec<String>,
    /// With these columns; the most telling ones where there are none
    pub(crate) show: Vec<String>,
    /// In this order
    pub(crate) sort: Option<Sort>,
    /// From 1
    pub(crate) page: usize,
}

impl View {
    /// Reads an address. `add` are words that menus add to the filter.
    pub(crate) fn of(pairs: &[(String, String)]) -> Self {
        let mut view = Self { page: 1, ..Self::default() };
        for (key, value) in pairs.iter().take(PARAMETERS).filter(|(_, value)| !value.is_empty()) {
            match key.as_str() {
                "filter" | "add" => {
                    let words = [view.filter.as_str(), value.trim()];
                    view.filter = words.join(" ").trim().to_owned();
                }
                "by" => keep(&mut view.by, value, KEYS),
                "show" => keep(&mut view.show, value, COLUMNS),
                "sort" => view.sort = Some(sort(value)),
                "page" => view.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        view
    }

    /// The address of this view.
    pub(crate) fn address(&self) -> String {
        self.address_at("/")
    }

    /// The same view of another page.
    pub(crate) fn address_at(&self, path: &str) -> String {
        let mut parts = Vec::new();
        if !self.filter.is_empty() {
            parts.push(format!("filter={}", url(&self.filter)));
        }
        parts.extend(self.by.iter().map(|key| format!("by={}", url(key))));
        parts.extend(self.show.iter().map(|key| format!("show={}", url(key))));
        parts.extend(self.sort.iter().map(|sort| format!("sort={}", url(&sort_text(sort)))));
        if self.page > 1 {
            parts.push(format!("page={}", self.page));
        }
        match parts.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", parts.join("&")),
        }
    }

    /// With another filter, from the first page.
    pub(crate) fn filtered(&self, filter: &Filter) -> Self {
        Self { filter: filter.to_string(), page: 1, ..self.clone() }
    }

    /// Sorted by a key: where it is so already, the other way round.
    pub(crate) fn sorted(&self, key: &str, descending_first: bool) -> Self {
        let descending = match &self.sort {
            Some(sort) if sort.key == key => !sort.descending,
            _ => descending_first,
        };
        Self { sort: Some(Sort { key: key.to_owned(), descending }), page: 1, ..self.clone() }
    }

    /// Another page.
    pub(crate) fn at(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }
}

/// Adds the keys, parted by commas, that are not there yet.
fn keep(keys: &mut Vec<String>, value: &str, most: usize) {
    for key in value.split(',').map(str::trim).filter(|key| !key.is_empty()) {
        if keys.len() < most && !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
}

fn sort(text: &str) -> Sort {
    match text.strip_prefix('-') {
        Some(key) => Sort { key: key.to_owned(), descending: true },
        None => Sort { key: text.to_owned(), descending: false },
    }
}

pub(crate) fn sort_text(sort: &Sort) -> String {
    format!("{}{}", if sort.descending { "-" } else { "" }, sort.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_address_holds_everything() {
        let view = View::of(&pairs(&[
            ("filter", "a=1"),
            ("add", ""),
            ("add", "name=\"x y\""),
            ("by", "model,train.seed"),
            ("by", "model"),
            ("show", "accuracy"),
            ("sort", "-loss"),
            ("page", "3"),
            ("other", "x"),
        ]));
        let want = "/?filter=a%3D1%20name%3D%22x%20y%22&by=model&by=train.seed&show=accuracy\
                    &sort=-loss&page=3";
        assert_eq!(view.address(), want);
        assert_eq!(View::of(&[]).address(), "/");
        assert_eq!(view.sorted("loss", true).sort, Some(sort("loss")));
        assert_eq!(view.sorted("accuracy", true).page, 1);
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        assert_eq!(View::of(&pairs(&[("page", "-3")])).page, 1);
        assert_eq!(View::of(&pairs(&[("page", "0")])).page, 1);
        let many: Vec<String> = (0..99).map(|at| at.to_string()).collect();
        let many = View::of(&pairs(&[("by", &many.join(",")), ("show", &many.join(","))]));
        assert_eq!((many.by.len(), many.show.len()), (KEYS, COLUMNS));
    }
}
