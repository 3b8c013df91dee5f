//! Why a step is held against the floor: the spectra of an image, and of its errors.

use super::plot::{Axis, Look, Picture};
use super::{error, image, planned};
use crate::fourier::shells;
use crate::simulated::{floats, micrograph};

const SIDE: usize = 1024;

/// Pixels along a tile of the spectra.
const TILE: usize = 64;

/// The step that would keep 99 % if the noise were white, in parts of its standard deviation.
const OF_SIGMA: f64 = 0.348;

/// Draws the figure.
pub fn figure() -> String {
    let micrograph = micrograph(70, SIDE);
    let values = floats(&micrograph);
    let plan = planned(&image(&values, SIDE));
    let variance = f64::from(plan.sigma).powi(2);
    let spectrum = |values: &[f64]| -> Vec<(f64, f64)> {
        let found = shells(values, SIDE, SIDE, TILE).into_iter().enumerate();
        // Below an eighth of Nyquist there is the gradient.
        let relative = found.map(|(shell, power)| (shell as f64 / (TILE as f64 / 2.0), power / variance));
        relative.skip(TILE / 16).collect()
    };
    let of_image = spectrum(&micrograph);
    let one_percent: Vec<_> = of_image.iter().map(|&(x, power)| (x, power * 0.01)).collect();
    let by_sigma = OF_SIGMA * OF_SIGMA / 12.0;

    let mut picture = Picture::new("Spectra of a simulated micrograph and of what rounding adds");
    let x = Axis {
        label: "spatial frequency, in parts of Nyquist",
        range: (0.1, 1.0),
        logarithmic: false,
        ticks: &[(0.25, "1/4"), (0.5, "1/2"), (0.75, "3/4"), (1.0, "1")],
    };
    let y = Axis {
        label: "power, in parts of the variance",
        range: (1e-6, 10.0),
        logarithmic: true,
        ticks: &[
            (1e-5, "0.00001"),
            (1e-4, "0.0001"),
            (1e-3, "0.001"),
            (0.01, "0.01"),
            (0.1, "0.1"),
            (1.0, "1"),
        ],
    };
    let mut plot = picture.plot(320.0, x, y);
    plot.draw(0, Look::Line, &of_image);
    plot.draw(0, Look::Dashes, &one_percent);
    plot.draw(1, Look::Dashes, &[(0.1, by_sigma), (1.0, by_sigma)]);
    let chosen = plan.choice.bits.unwrap_or_default();
    plot.draw(3, Look::Line, &spectrum(&error(&values, SIDE, chosen - 2)));
    plot.draw(2, Look::Line, &spectrum(&error(&values, SIDE, chosen)));
    plot.legend(
        (0.13, 3e-4),
        &[
            (0, Look::Line, "image"),
            (0, Look::Dashes, "1 % of the image"),
            (3, Look::Line, &format!("error at {} bits", chosen - 2)),
            (1, Look::Dashes, "error of a step of 0.348 sigma"),
            (2, Look::Line, &format!("error at {chosen} bits, which auto takes")),
        ],
    );
    picture.add(&plot);
    picture.svg()
}
