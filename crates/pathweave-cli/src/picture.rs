//! Pictures as PNG, from the SVG of the library.
//!
//! Text is drawn with one font that is part of the program, so that a picture is the same on every
//! machine, also where no fonts are installed. Signs that the font lacks are left out.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Pixels a unit of the SVG: sharp on paper and on dense screens.
const SCALE: f32 = 2.0;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    let family = fonts.faces().next().and_then(|face| face.families.first());
    if let Some(family) = family.map(|(name, _)| name.clone()) {
        fonts.set_sans_serif_family(family);
    }
    Arc::new(fonts)
});

/// A picture as PNG; the error says what is wrong with it.
pub fn png(svg: &str) -> Result<Vec<u8>, String> {
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or("a picture without area")?;
    let mut pixels =
        Pixmap::new(size.width(), size.height()).ok_or("a picture too large to be drawn")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pathweave_eval::plot::{IntervalPanel, Intervals, Mark, Unit};

    fn picture(label: &str) -> Vec<u8> {
        let mark = Mark { value: 0.5, interval: Some((0.25, 0.75)) };
        let panel = IntervalPanel {
            title: "mean".into(),
            unit: Unit::Number { digits: 2 },
            reference: None,
            marks: vec![Some(mark)],
        };
        let (title, labels) = ("Accuracy".into(), vec![label.to_owned()]);
        png(&Intervals { title, labels, panels: vec![panel] }.to_svg()).expect("drawn")
    }

    #[test]
    fn text_is_drawn_without_installed_fonts() {
        let pixels = |png: &[u8]| Pixmap::decode_png(png).expect("PNG");
        let (with, without) = (picture("routed ± 1 − ä"), picture(""));
        assert_eq!(pixels(&with).width(), 1640);
        let dark = |png: &[u8]| {
            pixels(png).pixels().iter().filter(|p| p.red() < 100 && p.green() < 100).count()
        };
        assert!(dark(&with) > dark(&without) + 300, "a label has ink");
        assert_eq!(picture("a"), picture("a"));
        assert!(png("<svg").is_err());
    }
}
