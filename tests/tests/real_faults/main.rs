//! Faults of a real machine: whatever happens to disk, files, memory or the program itself, an output is the old one,
//! the new one, or an error that says why, and nothing is left over. What a machine doesn't let be caused
//! is reported as ignored.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod disks;
#[cfg(target_os = "linux")]
mod headers;
#[cfg(target_os = "linux")]
mod links;
#[cfg(target_os = "linux")]
mod meanwhile;
#[cfg(target_os = "linux")]
mod names;
#[cfg(target_os = "linux")]
mod place;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod resources;

fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    let mut trials = Vec::new();
    #[cfg(target_os = "linux")]
    for more in [
        calls::trials,
        disks::trials,
        headers::trials,
        links::trials,
        meanwhile::trials,
        names::trials,
        processes::trials,
        resources::trials,
    ] {
        trials.extend(more());
    }
    libtest_mimic::run(&arguments, trials.drain(..).collect()).exit();
}
