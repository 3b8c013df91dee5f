//! `cargo xtask bench`: how fast the steps are.

mod clock;
mod stages;

fn main() {
    stages::print();
}
