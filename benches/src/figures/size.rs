//! Size and loss for each number of bits.

use super::plot::{Axis, Look, Picture};
use super::{image, planned, stored};
use crate::simulated::{floats, micrograph};

const SIDE: usize = 1024;

const BITS: [(f64, &str); 11] = [
    (2.0, "2"),
    (3.0, "3"),
    (4.0, "4"),
    (5.0, "5"),
    (6.0, "6"),
    (7.0, "7"),
    (8.0, "8"),
    (9.0, "9"),
    (10.0, "10"),
    (11.0, "11"),
    (12.0, "12"),
];

const MIB: f64 = 1024.0 * 1024.0;

/// Draws the figure.
pub fn figure() -> String {
    let images = image(&floats(&micrograph(70, SIDE)), SIDE);
    let plan = planned(&images);
    let rows: Vec<_> = plan.table.iter().filter(|row| row.bits <= 12).collect();
    let axis = |label| Axis { label, range: (1.7, 12.3), logarithmic: false, ticks: &BITS };
    let mut picture = Picture::new("A simulated micrograph, 1024 x 1024 pixels of 16-bit integers");

    let y = Axis {
        label: "size in MiB",
        range: (0.0, 2.0),
        logarithmic: false,
        ticks: &[(0.0, "0"), (0.5, "0.5"), (1.0, "1"), (1.5, "1.5"), (2.0, "2")],
    };
    let mut plot = picture.plot(170.0, axis("bits"), y);
    plot.draw(3, Look::Dashes, &[(1.7, 2.0), (12.3, 2.0)]);
    let predicted = rows.iter().filter_map(|row| Some((row.bits.into(), row.predicted_size? as f64 / MIB)));
    plot.draw(0, Look::Line, &predicted.collect::<Vec<_>>());
    let real: Vec<(f64, f64)> =
        rows.iter().map(|row| (row.bits.into(), stored(&images, row.bits).len() as f64 / MIB)).collect();
    plot.draw(1, Look::Marks, &real);
    plot.legend(
        (2.2, 1.75),
        &[(3, Look::Dashes, "the input"), (0, Look::Line, "predicted"), (1, Look::Marks, "the output")],
    );
    picture.add(&plot);

    let y = Axis {
        label: "information lost",
        range: (1e-5, 1.0),
        logarithmic: true,
        ticks: &[(1e-4, "0.01 %"), (1e-3, "0.1 %"), (0.01, "1 %"), (0.1, "10 %"), (1.0, "all")],
    };
    let mut plot = picture.plot(190.0, axis("bits"), y);
    plot.draw(3, Look::Dashes, &[(1.7, 0.01), (12.3, 0.01)]);
    let losses = rows.iter().filter_map(|row| Some((row.bits.into(), row.loss.filter(|&loss| loss > 0.0)?)));
    plot.draw(2, Look::Both, &losses.collect::<Vec<_>>());
    let chosen = plan.choice.bits.unwrap_or_default();
    let words = format!("1 %: auto takes {chosen} bits");
    plot.legend((2.2, 5e-5), &[(2, Look::Both, "at the highest frequencies"), (3, Look::Dashes, &words)]);
    picture.add(&plot);
    picture.svg()
}
