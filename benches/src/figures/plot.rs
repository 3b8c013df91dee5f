//! Plots as SVG, written by hand: axes, lines and marks, legible on light and on dark pages.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;

/// Colours that tell lines apart on white and on black, and for the colour-blind (Okabe and Ito).
const STYLE: &str = "<style>text{font:12px sans-serif;fill:#1f2328}.axis{stroke:#1f2328;fill:none}.grid{stroke:#1f2328;opacity:.15}\
.line{fill:none;stroke-width:2}.c0{stroke:#0072b2;color:#0072b2}.c1{stroke:#d55e00;color:#d55e00}\
.c2{stroke:#009e73;color:#009e73}.c3{stroke:#a0609a;color:#a0609a}.dash{stroke-dasharray:6 4}.mark{fill:currentColor;stroke:none}.ring{fill:none;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.axis,.grid{stroke:#e6edf3}.c0{stroke:#56b4e9;color:#56b4e9}}</style>";

/// One direction of a plot.
#[derive(Clone, Copy, Debug)]
pub struct Axis<'a> {
    /// What it shows, with the unit.
    pub label: &'a str,
    /// Where it begins and ends.
    pub range: (f64, f64),
    /// Equal factors take equal lengths.
    pub logarithmic: bool,
    /// Where it is labelled, and with what.
    pub ticks: &'a [(f64, &'a str)],
}

impl Axis<'_> {
    /// Returns how far along it a value is, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let of = |value: f64| if self.logarithmic { value.log10() } else { value };
        (of(value) - of(self.range.0)) / (of(self.range.1) - of(self.range.0))
    }
}

/// How values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A line.
    Line,
    /// A broken line.
    Dashes,
    /// Points.
    Marks,
    /// Rings, which points may lie in.
    Rings,
    /// A line with points.
    Both,
}

/// A picture of one or more plots, above each other.
#[derive(Debug)]
pub struct Picture {
    height: f64,
    body: String,
}

/// A plot in a picture.
#[derive(Debug)]
pub struct Plot<'a> {
    x: Axis<'a>,
    y: Axis<'a>,
    top: f64,
    height: f64,
    body: String,
}

impl Picture {
    /// Starts with a title.
    #[must_use]
    pub fn new(title: &str) -> Self {
        let mut body = String::new();
        write(
            &mut body,
            format_args!(
                "<title>{title}</title>{STYLE}<text x=\"{LEFT}\" y=\"18\" font-weight=\"bold\">{title}</text>\n"
            ),
        );
        Self { height: TOP, body }
    }

    /// Starts a plot below those that are there.
    #[must_use]
    pub fn plot<'a>(&self, height: f64, x: Axis<'a>, y: Axis<'a>) -> Plot<'a> {
        let mut plot = Plot { x, y, top: self.height, height, body: String::new() };
        plot.frame();
        plot
    }

    /// Adds a plot.
    pub fn add(&mut self, plot: &Plot<'_>) {
        self.body.push_str(&plot.body);
        self.height += plot.height + BOTTOM;
    }

    /// Ends the picture.
    #[must_use]
    pub fn svg(self) -> String {
        let Self { height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n{body}</svg>\n"
        )
    }
}

impl Plot<'_> {
    fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let (x, y) = (self.x.place(x), self.y.place(y));
        (LEFT + x * (WIDTH - LEFT - RIGHT), self.top + (1.0 - y) * self.height)
    }

    fn frame(&mut self) {
        let (left, right) = (LEFT, WIDTH - RIGHT);
        let (top, bottom) = (self.top, self.top + self.height);
        for &(value, label) in self.x.ticks {
            let x = LEFT + self.x.place(value) * (right - left);
            write(
                &mut self.body,
                format_args!(
                    "<path class=\"grid\" d=\"M{x:.1} {top}V{bottom}\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>\n",
                    bottom + 16.0
                ),
            );
        }
        for &(value, label) in self.y.ticks {
            let y = top + (1.0 - self.y.place(value)) * self.height;
            write(
                &mut self.body,
                format_args!(
                    "<path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
                    left - 6.0,
                    y + 4.0
                ),
            );
        }
        let (middle, x_label, y_label) = (f64::midpoint(left, right), self.x.label, self.y.label);
        let centre = f64::midpoint(top, bottom);
        write(
            &mut self.body,
            format_args!(
                "<path class=\"axis\" d=\"M{left} {top}V{bottom}H{right}\"/><text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{x_label}</text><text transform=\"translate(14 {centre:.1})rotate(-90)\" text-anchor=\"middle\">{y_label}</text>\n",
                bottom + 34.0
            ),
        );
    }

    /// Draws values in a colour, as far as they lie within the axes.
    pub fn draw(&mut self, colour: usize, look: Look, values: &[(f64, f64)]) {
        let within = |value: f64, axis: &Axis<'_>| (-0.001..=1.001).contains(&axis.place(value));
        let points: Vec<(f64, f64)> = values
            .iter()
            .filter(|&&(x, y)| within(x, &self.x) && within(y, &self.y))
            .map(|&(x, y)| self.point(x, y))
            .collect();
        self.put(colour, look, &points);
    }

    /// Draws what lies at places of the picture.
    fn put(&mut self, colour: usize, look: Look, points: &[(f64, f64)]) {
        if matches!(look, Look::Line | Look::Dashes | Look::Both) {
            let dash = if look == Look::Dashes { " dash" } else { "" };
            let mut path = String::new();
            for (place, (x, y)) in points.iter().enumerate() {
                write(&mut path, format_args!("{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' }));
            }
            write(&mut self.body, format_args!("<path class=\"line c{colour}{dash}\" d=\"{path}\"/>\n"));
        }
        let circle = match look {
            Look::Marks | Look::Both => "class=\"mark\" r=\"4\"",
            Look::Rings => "class=\"ring\" r=\"6.5\"",
            Look::Line | Look::Dashes => return,
        };
        write(&mut self.body, format_args!("<g class=\"c{colour}\">"));
        for (x, y) in points {
            write(&mut self.body, format_args!("<circle {circle} cx=\"{x:.1}\" cy=\"{y:.1}\"/>"));
        }
        self.body.push_str("</g>\n");
    }

    /// Explains colours, from a place of the plot on downwards.
    pub fn legend(&mut self, (x, y): (f64, f64), entries: &[(usize, Look, &str)]) {
        const LINE: f64 = 18.0;
        const SAMPLE: f64 = 28.0;
        let (x, mut y) = self.point(x, y);
        for &(colour, look, words) in entries {
            let middle = [(x + SAMPLE / 2.0, y)];
            let ends = [(x, y), (x + SAMPLE, y)];
            match look {
                Look::Marks | Look::Rings => self.put(colour, look, &middle),
                Look::Both => {
                    self.put(colour, Look::Line, &ends);
                    self.put(colour, Look::Marks, &middle);
                }
                Look::Line | Look::Dashes => self.put(colour, look, &ends),
            }
            write(
                &mut self.body,
                format_args!("<text x=\"{:.1}\" y=\"{:.1}\">{words}</text>\n", x + SAMPLE + 8.0, y + 4.0),
            );
            y += LINE;
        }
    }
}

fn write(to: &mut String, words: std::fmt::Arguments<'_>) {
    to.write_fmt(words).expect("a string takes all");
}
