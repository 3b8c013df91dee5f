//! A folder for a test, and what must hold in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, heeding};
use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

/// A user without rights.
const NOBODY: u32 = 65_534;

/// The first bytes of an HDF5 file.
pub const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

pub type Outcome = Result<(), Failed>;

/// A test that is reported as ignored where the machine does not let the fault be caused.
pub fn trial(name: &str, possible: bool, test: fn() -> Outcome) -> Trial {
    Trial::test(name, test).with_ignored_flag(!possible)
}

/// Fails with words unless something holds.
pub fn hold(holds: bool, words: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(words().into()) }
}

/// A copy of the program that anybody may start. It is made before there are threads: a process started by one of
/// them while the copy is written would hold it open, and the system starts no program that is open for writing.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Makes the copy; it goes with the folder.
pub fn copy_program() -> TempDir {
    let folder = open_folder();
    let copy = folder.path().join("e2compress");
    fs::copy(env!("CARGO_BIN_EXE_e2compress"), &copy).expect("the program is copied");
    PROGRAM.set(copy).expect("once");
    folder
}

/// A folder that anybody may enter and write to.
fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("its permissions");
    folder
}

/// A folder for one test.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(open_folder())
    }

    pub fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.0.path().join(name.as_ref())
    }

    pub fn program() -> PathBuf {
        PROGRAM.get().expect("the copy").clone()
    }

    /// Writes a file.
    pub fn file(&self, name: impl AsRef<OsStr>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file is written");
        path
    }

    /// What a file holds; nothing when it is not there.
    pub fn bytes(&self, name: impl AsRef<OsStr>) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_default()
    }

    /// The command, in this folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(Self::program());
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// The command as `heeding` has it, for tests that send signals.
    pub fn heeding(&self, words: &[&str]) -> Command {
        let mut command = heeding(Self::program());
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the program starts")
    }

    /// A shell script in this folder; `$0` is the program.
    pub fn script(&self, script: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(Self::program()).current_dir(self.0.path()).stdin(Stdio::null());
        command.output().expect("a shell starts")
    }

    /// The names in a folder of it, in order.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))
            .expect("the folder can be read")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The names of temporary files.
    pub fn left_over(&self) -> Vec<String> {
        self.names("").into_iter().filter(|name| is_temporary(name)).collect()
    }

    /// Fails unless these are all the names, in order.
    pub fn holds(&self, names: &[&str]) -> Outcome {
        let found = self.names("");
        hold(found == names, || format!("found {found:?}, not {names:?}"))
    }
}

/// Whether a name is that of a temporary file.
pub fn is_temporary(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "part")
}

/// Fails unless a run ended so, with these words on standard error.
pub fn ended(run: &Output, status: i32, words: &str) -> Outcome {
    let said = complaint(run);
    hold(run.status.code() == Some(status) && said.contains(words), || {
        format!("{}, not {status} with {words:?}: {said}", run.status)
    })
}

/// Noise that takes some large writes when it is stored as it is.
pub fn large() -> Vec<u8> {
    Mrc::floats(1000, 900, 1, Noise(2).take(900_000)).bytes
}

/// A small micrograph.
pub fn small() -> Vec<u8> {
    Mrc::floats(40, 30, 1, Noise(1).take(1200)).bytes
}

/// What a run makes of an input, undisturbed.
pub fn expected(name: &str, input: &[u8], words: &[&str]) -> Vec<u8> {
    let place = Place::new();
    place.file(name, input);
    let mut all = words.to_vec();
    all.extend(["--", name]);
    let run = place.run(&all);
    assert!(run.status.success(), "{}", complaint(&run));
    let output = fs::read(place.path(name).with_extension("hdf")).expect("an output");
    assert!(output.starts_with(SIGNATURE));
    output
}

/// Sends a signal to a program that has not been waited for.
pub fn signal(child: &Child, signal: &str) {
    let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
    assert!(kill.expect("kill starts").success());
}

/// Stops a program, and waits until it stands: what it was about to do may come after the signal was sent.
pub fn halt(child: &Child) {
    signal(child, "STOP");
    let path = format!("/proc/{}/stat", child.id());
    // Where the system has no such files there is nothing to wait for.
    while let Ok(stat) = fs::read_to_string(&path) {
        // The state follows the name, which is in brackets and may hold some.
        let state = stat.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next());
        match state {
            Some('T') => return,
            Some('Z') => panic!("it ended before it was halted"),
            _ => std::thread::yield_now(),
        }
    }
}

/// Whether this user is above permissions.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Has a command run without rights, also when the tests are run by root.
pub fn without_rights(command: &mut Command) -> &mut Command {
    if is_root() { command.uid(NOBODY).gid(NOBODY) } else { command }
}

/// Whether a shell script succeeds.
pub fn succeeds(script: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether this user may mount file systems, in name spaces of their own.
pub fn mounts() -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    succeeds(&format!("unshare -rm mount -t tmpfs none '{}'", folder.path().display()))
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the test is Unicode")
}
