//! Faults of a real machine: whatever happens to disk, files, memory or the program itself, an output is the old one,
//! the new one, or an error that says why, and nothing is left over. What a machine does not let be caused
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
mod records;
#[cfg(target_os = "linux")]
mod resources;

fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    #[cfg(target_os = "linux")]
    let program = place::copy_program();
    #[cfg(target_os = "linux")]
    let trials = [
        calls::trials,
        disks::trials,
        headers::trials,
        links::trials,
        meanwhile::trials,
        names::trials,
        processes::trials,
        records::trials,
        resources::trials,
    ]
    .into_iter()
    .flat_map(|trials| trials())
    .collect();
    #[cfg(not(target_os = "linux"))]
    let trials = Vec::new();
    let conclusion = libtest_mimic::run(&arguments, trials);
    #[cfg(target_os = "linux")]
    drop(program);
    conclusion.exit();
}
