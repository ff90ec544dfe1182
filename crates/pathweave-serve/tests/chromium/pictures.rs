//! Pictures of the page for the documentation.

use std::path::Path;

use crate::browser::browse;

/// Takes the pictures of a real store: `PATHWEAVE_PICTURES=FOLDER PATHWEAVE_PICTURES_OF=STORE`
/// names where they go and what is shown; `PATHWEAVE_PICTURES_RUN=ID` and
/// `PATHWEAVE_PICTURES_COMPARE=QUERY` name the run and the comparison. Does nothing without them.
#[test]
fn pictures_are_taken_where_asked_for() {
    let variable = |name: &str| std::env::var(name).ok();
    let (Some(to), Some(store)) =
        (variable("PATHWEAVE_PICTURES"), variable("PATHWEAVE_PICTURES_OF"))
    else {
        return;
    };
    let run = format!("/run/{}", variable("PATHWEAVE_PICTURES_RUN").unwrap_or_default());
    let by = variable("PATHWEAVE_PICTURES_COMPARE").unwrap_or_else(|| "by=model".to_owned());
    let compare = format!("/compare?{by}");
    let desk = [("table", "/", 1180), ("run", &run, 1450), ("compare", &compare, 1500)];
    for (name, page, height) in desk {
        take(&store, &to, name, page, (1180, height));
    }
    take(&store, &to, "phone", "/", (360, 740));
    take(&store, &to, "phone-run", &run, (360, 2400));
}

fn take(store: &str, to: &str, name: &str, page: &str, size: (u32, u32)) {
    browse(Path::new(store), size, async |browser| {
        browser.prefer("light");
        browser.open_page(page).await;
        let there = "return !!document.querySelector('tr[data-row], .facts') && \
                     [...document.querySelectorAll('img')].every((img) => img.complete)";
        browser.until(there).await;
        let png = browser.screenshot().await;
        std::fs::write(Path::new(to).join(format!("page-{name}.png")), png).expect("written");
    });
}
