//! Any image has a plan; what `--bits auto` takes is what the plan says, and its bytes are those of that number of bits.

use std::ops::ControlFlow;

use e2compress_core::{
    Attributes, Error, ImagePlan, Images, InMemory, NoProgress, Options, PixelEncoding, Shape, compress,
    open, plan as plan_images,
};

use crate::bytes::Bytes;

/// Sides that decide whether there are blocks, and how many.
const SIDES: [u32; 8] = [1, 2, 15, 16, 17, 24, 40, 72];

/// What values are multiplied by: nothing, and to the ends of what 32-bit floats hold.
const SCALES: [f32; 6] = [1.0, 0.37, 1e-44, 1e-20, 1e30, 3e37];

/// Pixels that are set to any value, at most.
const MOST_ODD: u32 = 24;

/// Plans an image of any 32-bit floats, and stores it as planned. The first bytes choose options, sides and the kind of
/// values; the rest are the values, or change some of them.
///
/// # Panics
/// When the plan is not what is done, or what is called exact is not.
pub fn plan(data: &[u8]) {
    let mut bytes = Bytes(data);
    let Options { level, limits, memory, .. } = bytes.options();
    let options = Options {
        stored: PixelEncoding::Auto(bytes.target()),
        level,
        limits,
        memory,
        verify: true,
        ..Options::default()
    };
    let [nx, ny] = [(); 2].map(|()| SIDES[usize::from(bytes.u8()) % SIDES.len()]);
    let shape = match bytes.u8() % 4 {
        // Rods, which have no blocks in any direction.
        0 => Shape { nx: 1 + bytes.below(3000), ny: 1, nz: 1 },
        1 => Shape { nx: 1, ny: 1 + bytes.below(3000), nz: 1 },
        2 => Shape { nx, ny, nz: 1 + bytes.below(5) },
        _ => Shape { nx, ny, nz: 1 },
    };
    let values = values(&mut bytes, shape.pixels() as usize);
    let mut images = InMemory::new();
    images.push(shape, values.clone(), Attributes::new());

    let planned = planned(&images, &options).expect("any image can be planned");
    let [planned] = planned.as_slice() else { panic!("{} plans of one image", planned.len()) };
    let bits = planned.choice.bits.expect("auto takes a number");
    let chosen: Vec<u32> = planned.table.iter().filter(|row| row.chosen).map(|row| row.bits).collect();
    assert_eq!(chosen, if bits == 0 { vec![] } else { vec![bits] }, "one row is marked");

    let auto = stored(&images, &options);
    let stored_as = PixelEncoding::from_bits(bits.into()).expect("a number of bits");
    let asked = stored(&images, &Options { stored: stored_as, ..options });
    assert!(auto == asked, "--bits auto is not --bits {bits}");
    if planned.choice.reason == Some("exact") {
        let source = auto.as_slice();
        let back = open(&source, "a.hdf").and_then(|file| file.values(0)).expect("it can be read");
        assert!(back == values, "{bits} bits are called exact");
    }
}

fn stored(images: &InMemory, options: &Options) -> Vec<u8> {
    let mut out = Vec::new();
    compress(images, "a.mrc", &mut out, options, &NoProgress).expect("auto finds a range that holds");
    out
}

/// Plans all images of an input, whatever is in it.
///
/// # Errors
/// What reading fails with.
///
/// # Panics
/// When a figure of a plan cannot be.
pub fn planned(images: &dyn Images, options: &Options) -> Result<Vec<ImagePlan>, Error> {
    let mut plans = Vec::new();
    let mut take = |planned| {
        plans.push(planned);
        ControlFlow::Continue(())
    };
    plan_images(images, "a.mrc", options, &mut take, &NoProgress)?;
    assert_eq!(plans.len(), images.images() as usize, "a plan for each image");
    for planned in &plans {
        if let Some(noise) = planned.noise {
            let densities = [noise.floor, noise.edge, noise.content];
            let all = densities.iter().chain(&noise.density).chain(&noise.median);
            assert!(all.clone().all(|density| density.is_finite() && *density >= 0.0), "{noise:?}");
            assert!(noise.floor > 0.0 && noise.blocks <= noise.of, "{noise:?}");
        }
        for row in &planned.table {
            assert!(row.step.is_finite() && row.step >= 0.0, "{row:?}");
            assert!(row.error.is_finite() && row.error >= 0.0, "{row:?}");
            assert!(row.loss.is_none_or(|loss| (0.0..=1.0).contains(&loss)), "{row:?}");
            assert!(!row.exact || row.loss == Some(0.0), "{row:?}");
        }
        assert!(planned.table.windows(2).all(|rows| rows[0].bits < rows[1].bits), "in the order of bits");
    }
    Ok(plans)
}

/// Values of some kind, with some that are anything.
fn values(bytes: &mut Bytes<'_>, count: usize) -> Vec<f32> {
    let kind = bytes.u8() % 5;
    let scale = SCALES[usize::from(bytes.u8()) % SCALES.len()];
    let mut state = u64::from(u32::from_le_bytes(bytes.array()));
    let odd: Vec<(usize, f32)> = (0..bytes.below(MOST_ODD))
        .map(|_| (bytes.below(1 << 15) as usize, f32::from_le_bytes(bytes.array())))
        .collect();
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    let mut values: Vec<f32> = (0..count)
        .map(|place| match kind {
            0 => scale,
            1 => scale * (next() as i32 as f32 / 1e9),
            2 => (next() % 61) as f32,
            3 => scale * (place as f32 + (next() >> 20) as f32),
            _ => f32::from_bits(next()),
        })
        .collect();
    for (place, value) in odd {
        values[place % count] = value;
    }
    values
}
