//! What a reader does.

use serde_json::json;

use crate::browser::browse;
use crate::store::{Working, finish, id, store};

const DESK: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (360, 740);
/// Rows of the table.
const ROWS: &str = "document.querySelectorAll('tr[data-row]').length";
/// Whether every picture has been drawn.
const DRAWN: &str = "const all = [...document.querySelectorAll('img')]; \
                     return all.length > 0 && all.every((img) => img.complete && img.naturalWidth > 0)";

#[test]
fn a_table_is_filtered_grouped_and_leads_to_a_run() {
    let store = store(6);
    browse(store.path(), DESK, async |browser| {
        browser.open_page("/").await;
        browser.until(&format!("return {ROWS} === 6")).await;
        browser.ask("document.getElementById('filter').focus()").await;
        browser.press("train.rate<0.15\u{e007}").await;
        browser.until(&format!("return location.search.includes('filter') && {ROWS} === 4")).await;
        // The one page that fails on purpose, with a status that the browser writes down.
        browser.open_page("/?filter=no.such.key%3D1").await;
        browser
            .until(
                "return document.querySelector('[role=alert]').innerText.includes('no.such.key')",
            )
            .await;
        browser.open_page("/?by=model.kind&show=accuracy").await;
        browser.until(&format!("return {ROWS} === 2")).await;
        browser.ask("document.querySelector('tr[data-row] a.open').click()").await;
        browser.until(&format!("return location.search.includes('routed') && {ROWS} === 3")).await;
        browser.ask("document.querySelector('tr[data-row] a.open').click()").await;
        browser.until("return location.pathname.startsWith('/run/')").await;
        browser.until(DRAWN).await;
        browser.is_alone().await;
    });
}

#[test]
fn a_run_shows_its_figures_alarms_and_files() {
    let store = store(2);
    browse(store.path(), DESK, async |browser| {
        browser.open_page(&format!("/run/{}", id(0))).await;
        browser.until(DRAWN).await;
        let names = "return [...document.querySelectorAll('figure img')].map((img) => \
                     new URL(img.src).pathname.split('/').pop())";
        let want =
            ["learning", "tasks-over-training", "paths", "routing-map", "activation", "tasks"];
        let want: Vec<String> = want.iter().map(|name| format!("{name}.svg")).collect();
        assert_eq!(browser.ask(names).await, json!(want));
        browser
            .until("return document.body.innerText.includes('module 2 was chosen by no row')")
            .await;
        browser.is_alone().await;
    });
}

#[test]
fn marked_runs_are_compared() {
    let store = store(6);
    browse(store.path(), DESK, async |browser| {
        browser.open_page("/").await;
        browser.until(&format!("return {ROWS} === 6")).await;
        // The keyboard alone: to the first row, mark it, to the third, mark it, compare.
        browser.press("jxjjx").await;
        browser
            .until("return document.querySelectorAll('input[name=run]:checked').length === 2")
            .await;
        browser.press("c").await;
        browser.until("return location.pathname === '/compare'").await;
        browser.until(DRAWN).await;
        browser.until("return document.querySelectorAll('figure img').length === 2").await;
        browser.open_page("/compare?by=model.kind").await;
        browser.until("return document.body.innerText.includes('6 runs in 2 groups')").await;
        browser.until(DRAWN).await;
        browser.is_alone().await;
    });
}

#[test]
fn a_running_run_moves_by_itself() {
    let store = store(1);
    let mut working = Working::begin(store.path(), 7);
    working.step(1);
    browse(store.path(), DESK, async |browser| {
        browser.open_page(&format!("/run/{}", id(7))).await;
        browser.until("return document.body.innerText.includes('1 of 1,000')").await;
        browser.until(DRAWN).await;
        let before = browser.ask("return document.querySelector('figure img').src").await;
        // A mark that a page loaded anew would not have.
        browser.ask("window.same = true").await;
        working.step(2);
        working.alarm("step 2, depth 0: module 1 was chosen by no row");
        browser.until("return document.body.innerText.includes('2 of 1,000')").await;
        browser
            .until("return document.body.innerText.includes('module 1 was chosen by no row')")
            .await;
        let moved = format!("return document.querySelector('figure img').src !== {before}");
        browser.until(&moved).await;
        browser.until(DRAWN).await;
        assert_eq!(browser.ask("return window.same").await, json!(true));
        browser.open_page("/?filter=state%3Drunning").await;
        browser.until("return document.body.innerText.includes('2 of 1,000')").await;
        working.step(3);
        browser.until("return document.body.innerText.includes('3 of 1,000')").await;
    });
}

#[test]
fn keys_reach_everything() {
    let store = store(4);
    browse(store.path(), DESK, async |browser| {
        browser.open_page("/").await;
        browser.until(&format!("return {ROWS} === 4")).await;
        browser.press("/").await;
        browser.until("return document.activeElement.id === 'filter'").await;
        browser.press("\u{e00c}").await;
        browser.press("jj").await;
        let second =
            "return document.activeElement === document.querySelectorAll('tr[data-row] a.open')[1]";
        browser.until(second).await;
        browser.press("?").await;
        browser.until("return document.querySelector('dialog').open").await;
        browser.press("\u{e00c}").await;
        browser.until("return !document.querySelector('dialog').open").await;
        browser.ask("document.querySelectorAll('tr[data-row] a.open')[1].focus()").await;
        browser.press("\u{e007}").await;
        browser.until("return location.pathname.startsWith('/run/')").await;
    });
}

#[test]
fn a_phone_needs_no_scrolling_sideways() {
    let store = store(5);
    browse(store.path(), PHONE, async |browser| {
        let run = format!("/run/{}", id(0));
        for page in ["/", "/?by=model.kind&show=accuracy", &run, "/compare?by=model.kind"] {
            browser.open_page(page).await;
            browser.until("return !!document.querySelector('tr[data-row], .facts')").await;
            assert_eq!(browser.ask("return innerWidth").await, json!(360), "{page}");
            browser.fits().await;
        }
    });
}

#[test]
fn names_do_not_run() {
    let store = tempfile::tempdir().expect("a temporary folder");
    let script = "</script><script>window.ran=1</script><img src=x onerror=window.ran=1>\"'";
    for at in 0..3 {
        finish(store.path(), at, script);
    }
    browse(store.path(), DESK, async |browser| {
        let run = format!("/run/{}", id(0));
        let picture = format!("/run/{}/figure/paths.svg", id(0));
        for page in ["/", "/?by=name", &run, "/compare?by=name", "/compare?by=id", &picture] {
            browser.open_page(page).await;
            browser
                .until("return document.documentElement.textContent.includes('window.ran=1')")
                .await;
            assert_eq!(browser.ask("return window.ran === undefined").await, json!(true), "{page}");
        }
        browser.is_alone().await;
    });
}
