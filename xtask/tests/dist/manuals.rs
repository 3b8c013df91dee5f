//! Completions and manual pages of the archive, as shells and `man` take them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::{Outcome, needs_program, said, unpacked};

/// The start of a word, and every option that it may become.
const WORD: &str = "--com";
const BECOMES: &str = "--compresslevel";

/// The command's own commands, each with a page of its own.
const COMMANDS: [&str; 4] = ["expand", "info", "plan", "verify"];

/// The trials, of which those of shells that are not here are ignored.
pub fn trials() -> Vec<Trial> {
    vec![
        crate::trial("bash completes options and commands", needs_program("bash"), bash),
        crate::trial("zsh knows how both names are completed", needs_program("zsh"), zsh),
        crate::trial("fish completes options and commands", needs_program("fish"), fish),
        crate::trial("man shows the pages, and finds nothing wrong with them", needs_program("man"), pages),
    ]
}

fn completions() -> Result<(TempDir, PathBuf), Failed> {
    let (folder, inside) = unpacked()?;
    Ok((folder, inside.join("completions")))
}

/// Fails unless a list of words has one.
fn among(words: &str, word: &str) -> Outcome {
    let found = words.split_whitespace().any(|each| each == word);
    if found { Ok(()) } else { Err(format!("{word} is not among {words:?}").into()) }
}

/// Asks the function that bash would call, which leaves its answer in a variable.
fn bash() -> Outcome {
    let (_folder, completions) = completions()?;
    for name in ["e2compress", "e2compress.py"] {
        for (words, becomes) in
            [(vec![WORD], BECOMES), (vec!["ver"], "verify"), (vec!["verify", "--agai"], "--against")]
        {
            let last = words.last().ok_or("no words")?;
            let script = format!(
                "source {}/e2compress.bash; function=$(complete -p {name} | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
                 COMP_WORDS=({name} {}); COMP_CWORD={}; $function {name} {last} {name}; echo \"${{COMPREPLY[*]}}\"",
                completions.display(),
                words.join(" "),
                words.len()
            );
            among(&said(Command::new("bash").args(["--norc", "-c", &script]))?, becomes)?;
        }
    }
    Ok(())
}

/// Has zsh find the file in its path of functions, read it, and say which function completes which name.
fn zsh() -> Outcome {
    let (_folder, completions) = completions()?;
    let script = format!(
        "fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; \
         print $_comps[e2compress] $_comps[e2compress.py]; autoload +X _e2compress && print read",
        completions.display()
    );
    let told = said(Command::new("zsh").args(["-f", "-c", &script]))?;
    if told.split_whitespace().collect::<Vec<_>>() != ["_e2compress", "_e2compress", "read"] {
        return Err(format!("zsh says {told:?}").into());
    }
    Ok(())
}

/// Asks fish for the completions of a line.
fn fish() -> Outcome {
    let (_folder, completions) = completions()?;
    let script = format!(
        "source {0}/e2compress.fish; source {0}/e2compress.py.fish; complete --do-complete",
        completions.display()
    );
    for name in ["e2compress", "e2compress.py"] {
        for (words, becomes) in [(WORD, BECOMES), ("ver", "verify"), ("verify --agai", "--against")] {
            let script = format!("{script} '{name} {words}'");
            among(&said(Command::new("fish").args(["--no-config", "-c", &script]))?, becomes)?;
        }
    }
    Ok(())
}

fn pages() -> Outcome {
    let (_folder, inside) = unpacked()?;
    let folder = inside.join("man/man1");
    let names = COMMANDS.map(|name| format!("e2compress-{name}"));
    for (name, option) in names.iter().map(|name| (name.as_str(), "--help")).chain([("e2compress", BECOMES)])
    {
        let page = folder.join(format!("{name}.1"));
        if fs::read(&page)?.is_empty() {
            return Err(format!("{name} is empty").into());
        }
        let mut command = Command::new("man");
        command
            .args(["--warnings", "--local-file"])
            .arg(&page)
            .env("MANWIDTH", "80")
            .env("LC_ALL", "C.UTF-8");
        let output = command.output()?;
        let (text, warnings) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !output.status.success() || !warnings.is_empty() || !text.contains(option) {
            return Err(format!("{name}: {warnings}{text}").into());
        }
    }
    Ok(())
}
