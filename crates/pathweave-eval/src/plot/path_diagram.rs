//! How contexts flow through modules, depth by depth.

use super::axes::{no_data, title};
use super::palette::look;
use super::path_layout::{BAR, BOX, Layout, MARGIN, SIZE, Way};
use super::svg::{Anchor, Canvas, Element, number};
use super::text;
use crate::flow::{FlowKind, PathFlow, Place};

/// A ribbon at least so wide carries its context's number.
const NUMBERED: f64 = 12.0;

/// The flow of contexts through modules: contexts at the left, a column of modules a depth, ribbons
/// as wide as their share of the samples, in the colour and with the number of their context.
///
/// Modules that no sample takes are not drawn, but counted above their column. Boxes are never lower
/// than their text; ribbons are.
#[derive(Clone, Debug, PartialEq)]
pub struct PathDiagram {
    /// Heading and accessible name.
    pub title: String,
    /// What flows where.
    pub flow: PathFlow,
}

impl PathDiagram {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let flow = &self.flow;
        if flow.ribbons.is_empty() || !flow.ribbons.iter().all(|r| r.share.is_finite()) {
            return no_data(&self.title, 640.0);
        }
        let mut canvas = Canvas::new();
        let layout = Layout::new(flow);
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), layout.width - 2.0 * MARGIN);
        let top = top + self.headings(&mut canvas, &layout, top + 4.0);
        let ways = layout.ways(flow, top);
        for way in &ways {
            self.ribbon(&mut canvas, way);
        }
        for way in ways.iter().filter(|way| way.width >= NUMBERED) {
            let at = (way.to.0 - 11.0, way.to.1);
            let number = (flow.ribbons[way.ribbon].context + 1).to_string();
            canvas.text("pw-ink", at, 10.0, Anchor::Middle, &number);
        }
        self.contexts(&mut canvas, &layout, top);
        self.stations(&mut canvas, &layout, top);
        let mut bottom = top + layout.height + 14.0;
        if flow.more_depths > 0 {
            let words = format!("{} deeper depths are not shown.", flow.more_depths);
            canvas.text("pw-muted", (MARGIN, bottom + 10.0), SIZE, Anchor::Start, &words);
            bottom += 24.0;
        }
        canvas.finish(layout.width, bottom, &self.title, &self.description())
    }

    /// Draws what stands above the columns; returns its height.
    fn headings(&self, canvas: &mut Canvas, layout: &Layout, y: f64) -> f64 {
        let (end, y) = (layout.contexts_end(), y + 8.0);
        let what = match self.flow.kind {
            FlowKind::Context => "context",
            FlowKind::Rule => "rule",
            FlowKind::Sample => "",
        };
        if !what.is_empty() {
            canvas.text("pw-ink pw-strong", (end, y), SIZE, Anchor::End, what);
        }
        for (depth, level) in self.flow.depths.iter().enumerate() {
            let middle = layout.column(depth) + BOX / 2.0;
            let name = format!("depth {}", depth + 1);
            canvas.text("pw-ink pw-strong", (middle, y), SIZE, Anchor::Middle, &name);
            let used = format!("{} of {} used", level.used, level.modules);
            canvas.text("pw-muted", (middle, y + 17.0), 11.0, Anchor::Middle, &used);
        }
        42.0
    }

    fn ribbon(&self, canvas: &mut Canvas, way: &Way) {
        let ribbon = &self.flow.ribbons[way.ribbon];
        let ((x0, y0), (x1, y1), half) = (way.from, way.to, way.width / 2.0);
        let d = format!(
            "M{a} {b}C{m} {b} {m} {c} {e} {c}V{f}C{m} {f} {m} {g} {a} {g}Z",
            a = number(x0),
            b = number(y0 - half),
            m = number((x0 + x1) / 2.0),
            c = number(y1 - half),
            e = number(x1),
            f = number(y1 + half),
            g = number(y0 + half),
        );
        let look = look(ribbon.context);
        // From the eleventh context on colours repeat: paler, with a dashed rim.
        let again = look.dash != "none";
        let from = match ribbon.depth {
            0 => String::new(),
            depth => {
                format!("{} → ", word(self.flow.depths[depth - 1].stations[ribbon.from].place))
            }
        };
        let to = word(self.flow.depths[ribbon.depth].stations[ribbon.to].place);
        let name = &self.flow.contexts[ribbon.context].name;
        let share = percent(ribbon.share);
        let depth = ribbon.depth + 1;
        let tip = format!("{name}: {from}{to} at depth {depth}, {share} of the samples");
        let element = Element::new("path")
            .class("pw-flow")
            .attr("d", &d)
            .attr("fill", look.colour)
            .attr("fill-opacity", if again { "0.25" } else { "0.5" });
        let element = match again {
            true => element.attr("stroke", look.colour).attr("stroke-dasharray", look.dash),
            false => element,
        };
        canvas.push(element.tooltip(&tip));
    }

    fn contexts(&self, canvas: &mut Canvas, layout: &Layout, top: f64) {
        for (at, (context, slot)) in self.flow.contexts.iter().zip(&layout.contexts).enumerate() {
            let (middle, end) = (top + slot.middle, layout.contexts_end());
            let height = slot.share_height.max(2.0);
            canvas.push(
                Element::new("rect")
                    .num("x", end + BAR - 6.0)
                    .num("y", middle - height / 2.0)
                    .num("width", 6.0)
                    .num("height", height)
                    .attr("fill", look(at).colour)
                    .tooltip(&format!(
                        "{}: {} of the samples",
                        context.name,
                        percent(context.share)
                    )),
            );
            let number = (at + 1).to_string();
            let room = end - MARGIN - text::width("00", SIZE) - 8.0;
            let name = text::fit(&context.name, SIZE, room);
            canvas.text("pw-muted", (end, middle), SIZE, Anchor::End, &number);
            let left = end - text::width("00", SIZE) - 6.0;
            canvas.text("pw-ink", (left, middle), SIZE, Anchor::End, &name);
        }
    }

    fn stations(&self, canvas: &mut Canvas, layout: &Layout, top: f64) {
        for (depth, (level, slots)) in self.flow.depths.iter().zip(&layout.depths).enumerate() {
            let x = layout.column(depth);
            for (station, slot) in level.stations.iter().zip(slots) {
                let middle = top + slot.middle;
                let share = percent(station.share);
                let idle = !matches!(station.place, Place::Module(_) | Place::Others(_));
                let what = word(station.place);
                canvas.push(
                    Element::new("rect")
                        .class(if idle { "pw-idle" } else { "pw-box" })
                        .num("x", x)
                        .num("y", middle - slot.height / 2.0)
                        .num("width", BOX)
                        .num("height", slot.height)
                        .num("rx", 4.0)
                        .tooltip(&format!("depth {}, {what}: {share} of the samples", depth + 1)),
                );
                let name = match station.place {
                    Place::Module(module) => module.to_string(),
                    Place::Others(count) => format!("+{count}"),
                    Place::Skip => "skip".to_owned(),
                    Place::End => "⊥".to_owned(),
                };
                let class = if idle { "pw-muted" } else { "pw-ink" };
                let room = BOX - 16.0 - text::width(&share, 10.5);
                let name = text::fit(&name, SIZE, room);
                canvas.text(class, (x + 8.0, middle), SIZE, Anchor::Start, &name);
                let at = (x + BOX - 8.0, middle);
                canvas.text("pw-muted", at, 10.5, Anchor::End, &share);
            }
        }
    }

    /// Where most samples of each context go, and the share of each station.
    fn description(&self) -> String {
        let depths = || self.flow.depths.iter().enumerate();
        let mut sentences: Vec<String> = depths()
            .map(|(depth, level)| {
                let stations = level.stations.iter();
                let shares: Vec<_> =
                    stations.map(|s| format!("{} {}", word(s.place), percent(s.share))).collect();
                format!("depth {}: {}", depth + 1, shares.join(", "))
            })
            .collect();
        for (at, context) in self.flow.contexts.iter().enumerate() {
            let main: Vec<_> = depths().map(|(depth, _)| self.main(at, depth)).collect();
            sentences.push(format!("{}: most samples take {}", context.name, main.join(", then ")));
        }
        sentences.join("; ")
    }

    /// Where most samples of a context go at a depth.
    fn main(&self, context: usize, depth: usize) -> String {
        let stations = &self.flow.depths[depth].stations;
        let mut sums = vec![0.0; stations.len()];
        for ribbon in &self.flow.ribbons {
            if (ribbon.context, ribbon.depth) == (context, depth) {
                sums[ribbon.to] += ribbon.share;
            }
        }
        let most = (0..sums.len()).rev().max_by(|&a, &b| sums[a].total_cmp(&sums[b]));
        most.map_or_else(String::new, |at| word(stations[at].place))
    }
}

fn word(place: Place) -> String {
    match place {
        Place::Module(module) => format!("module {module}"),
        Place::Others(count) => format!("{count} other modules"),
        Place::Skip => "skip".to_owned(),
        Place::End => "end".to_owned(),
    }
}

/// A share in whole percent; what is there is never written as none.
fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p > 0.0 && p < 0.5 => "<1%".to_owned(),
        p => format!("{p:.0}%"),
    }
}
