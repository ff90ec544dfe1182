//! Both forms hold everything, escape everything, and load nothing.

use super::*;
use proptest::prelude::*;
use roxmltree::Document;

const NASTY: &str = "<script>alert('x')</script> & \"q\" | `c` *s* [l](u) \\ _e_";

fn claim(verdict: Verdict) -> Claim {
    Claim {
        text: NASTY.into(),
        source: "T 5.2.3".into(),
        paper: "+7 points".into(),
        ours: "+6.1 ± 1.0 points".into(),
        verdict,
    }
}

fn full(text: &str) -> Report {
    let figure = |name: &str| {
        Block::Figure(Figure {
            name: name.into(),
            svg: "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n".into(),
            caption: text.into(),
        })
    };
    let table = TextTable {
        caption: text.into(),
        headers: vec!["model".into(), text.into()],
        align: vec![Align::Left, Align::Right],
        rows: vec![vec![text.into()], vec!["a".into(), "b".into(), "c".into()]],
    };
    let verdicts =
        [Verdict::Supported, Verdict::Refuted, Verdict::Inconclusive, Verdict::NotTested];
    let blocks = vec![
        Block::Prose(format!("{text}\n\n{text}")),
        Block::Table(table),
        figure("Fig 5.1!"),
        figure("fig-5-1"),
        Block::Claims(verdicts.map(claim).to_vec()),
        Block::Provenance(Provenance { summary: text.into(), toml: text.into() }),
    ];
    let section = |blocks| Section { heading: text.into(), blocks };
    Report {
        title: text.into(),
        lead: text.into(),
        sections: vec![section(blocks), section(vec![]), section(vec![])],
    }
}

/// The page without what HTML allows and XML does not.
fn as_xml(html: &str) -> String {
    let html = html.replace("<!DOCTYPE html>\n", "").replace("\"utf-8\">", "\"utf-8\"/>");
    html.replace("initial-scale=1\">", "initial-scale=1\"/>")
}

#[test]
fn the_page_is_well_formed_and_everything_is_escaped() {
    let html = full(NASTY).to_html();
    assert!(!html.contains("<script") && !html.contains("<?xml"));
    let xml = as_xml(&html);
    let document = Document::parse(&xml).expect("well-formed");
    let all = |tag: &str| document.descendants().filter(|n| n.has_tag_name(tag)).count();
    assert_eq!([all("h1"), all("h2"), all("svg"), all("details"), all("q")], [1, 3, 2, 1, 4]);
    let first = |tag: &str| {
        let node = document.descendants().find(|n| n.has_tag_name(tag));
        node.and_then(|n| n.text()).unwrap_or_default()
    };
    for tag in ["h1", "h2", "p", "caption", "figcaption", "code", "summary", "q"] {
        assert_eq!(first(tag), NASTY, "{tag}");
    }
    let rows = document.descendants().filter(|n| n.has_tag_name("tr"));
    for row in rows {
        assert_eq!(row.children().filter(|n| n.is_element()).count(), 3);
    }
}

#[test]
fn the_page_loads_nothing() {
    let html = full("text").to_html();
    for loader in ["src=", "<link", "@import", "url(", "<script", "<iframe"] {
        assert!(!html.contains(loader), "{loader}");
    }
    let namespace = "http://www.w3.org/2000/svg";
    assert_eq!(html.matches("http").count(), html.matches(namespace).count());
}

#[test]
fn an_empty_report_is_a_page_too() {
    let report = Report::default();
    assert!(Document::parse(&as_xml(&report.to_html())).is_ok());
    assert_eq!(report.to_markdown(""), "# \n");
    assert!(report.figures().is_empty());
}

#[test]
fn figures_have_names_of_their_own() {
    let report = full("x");
    let names: Vec<_> = report.figures().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["fig-5-1.svg", "fig-5-1-2.svg"]);
    let text = report.to_markdown("figures/");
    for name in names {
        assert!(text.contains(&format!("![x](<figures/{name}>)")), "{text}");
    }
}

#[test]
fn markdown_shows_text_as_it_is() {
    let mut report = full("x");
    report.lead = "1. not a list\n\n# not a heading\n\na\nb".into();
    report.sections.truncate(1);
    report.sections[0].heading = NASTY.into();
    report.sections[0].blocks.retain(|b| !matches!(b, Block::Figure(_)));
    let Some(Block::Provenance(provenance)) = report.sections[0].blocks.last_mut() else {
        panic!("provenance stands last")
    };
    provenance.toml = "a = '''```'''\n".into();
    let escaped = "&lt;script&gt;alert('x')&lt;/script&gt; &amp; \"q\" \\| \\`c\\` \\*s\\* \
                   \\[l\\](u) \\\\ \\_e\\_";
    let row = |verdict: &str| {
        format!("| {escaped} | T 5.2.3 | +7 points | +6.1 ± 1.0 points | {verdict} |\n")
    };
    let rows = ["✓ supported", "✗ refuted", "≈ inconclusive", "– not tested"].map(row).concat();
    let want = format!(
        "# x\n\n1\\. not a list\n\n\\# not a heading\n\na b\n\n## {escaped}\n\nx\n\nx\n\nx\n\n\
         | model | x |  |\n| --- | ---: | --- |\n| x |  |  |\n| a | b | c |\n\n\
         | claim | source | paper | ours | verdict |\n| --- | --- | --- | --- | --- |\n{rows}\n\
         <details>\n<summary>x</summary>\n\n````toml\na = '''```'''\n````\n\n</details>\n"
    );
    assert_eq!(report.to_markdown(""), want);
}

#[test]
fn verdicts_are_stored_in_lower_case() {
    let text = serde_json::to_string(&claim(Verdict::NotTested)).expect("json");
    assert!(text.ends_with("\"verdict\":\"not-tested\"}"), "{text}");
    let back: Claim = serde_json::from_str(&text).expect("json");
    assert_eq!(back, claim(Verdict::NotTested));
    assert_eq!(serde_json::to_string(&Verdict::Supported).expect("json"), "\"supported\"");
}

proptest! {
    #[test]
    fn any_text_makes_a_well_formed_page(text in "\\PC{0,60}") {
        prop_assert!(Document::parse(&as_xml(&full(&text).to_html())).is_ok());
    }
}
