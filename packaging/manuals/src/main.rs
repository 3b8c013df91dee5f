//! Writes what a shell and a reader of manuals want to know of the command, from the definition of its command line:
//! completions for bash, fish and zsh, and a manual page for the command and each of its commands.
//!
//! `e2compress-manuals FOLDER` creates `FOLDER/completions` and `FOLDER/man`. It is a program of its own so that neither
//! the command nor `cargo xtask` has to be built with what it takes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Command;
use clap_complete::Shell;

/// The command, and EMAN2's name of it, which is completed alike.
const NAME: &str = "e2compress";
const OTHER_NAME: &str = "e2compress.py";

/// The name of a definition for one shell, as that shell looks for it, and the line for the other name.
const SHELLS: [(Shell, &str); 3] =
    [(Shell::Bash, "e2compress.bash"), (Shell::Fish, "e2compress.fish"), (Shell::Zsh, "_e2compress")];

fn main() -> anyhow::Result<()> {
    let words: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    ensure!(words.len() == 1, "usage: e2compress-manuals FOLDER");
    write(&words[0])
}

/// Writes everything below a folder.
fn write(folder: &Path) -> anyhow::Result<()> {
    let (completions, pages) = (folder.join("completions"), folder.join("man"));
    for folder in [&completions, &pages] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    for (shell, name) in SHELLS {
        put(&completions.join(name), completion(shell)?.as_bytes())?;
    }
    // fish looks for a command's completions in a file of its name.
    put(
        &completions.join(format!("{OTHER_NAME}.fish")),
        format!("complete --command {OTHER_NAME} --wraps {NAME}\n").as_bytes(),
    )?;
    for (name, page) in manual()? {
        put(&pages.join(name), &page)?;
    }
    Ok(())
}

fn put(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// Returns the command line, without what differs from one commit to the next.
fn definition() -> Command {
    e2compress::command_line().version(env!("CARGO_PKG_VERSION"))
}

/// Returns the completions for a shell, for both names.
fn completion(shell: Shell) -> anyhow::Result<String> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut definition(), NAME, &mut text);
    let text = String::from_utf8(text)?;
    Ok(match shell {
        Shell::Bash => {
            format!("{text}\ncomplete -F _{NAME} -o bashdefault -o default {OTHER_NAME}\n")
        }
        Shell::Zsh => {
            let head = format!("#compdef {NAME}\n");
            let rest = text.strip_prefix(&head).context("zsh's completions have another first line")?;
            format!("#compdef {NAME} {OTHER_NAME}\n{rest}")
        }
        _ => text,
    })
}

/// Returns the manual page of one command with its file name.
fn page(command: &Command, name: String) -> anyhow::Result<(String, Vec<u8>)> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(name.to_uppercase())
        // An empty date would be left out, and what follows taken for it.
        .date(" ")
        .source(format!("{NAME} {}", env!("CARGO_PKG_VERSION")))
        .manual("User Commands")
        .render(&mut page)?;
    Ok((name + ".1", page))
}

/// Returns the manual pages with their file names: of the command, then of each of its commands.
fn manual() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    // `e2compress help` shows these very texts.
    let mut command = definition().disable_help_subcommand(true);
    command.build();
    let mut pages = vec![page(&command, NAME.to_owned())?];
    for each in command.get_subcommands().filter(|each| !each.is_hide_set()) {
        let name = format!("{NAME}-{}", each.get_name());
        pages.push(page(each, name)?);
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words after which help has a text for a person, in every command.
    fn options(command: &Command) -> Vec<String> {
        let shown = command.get_arguments().filter(|option| !option.is_hide_set());
        shown.filter_map(|option| Some(format!("--{}", option.get_long()?))).collect()
    }

    #[test]
    fn every_option_is_completed_in_every_shell() {
        let mut line = definition();
        line.build();
        for (shell, _) in SHELLS {
            let text = completion(shell).unwrap();
            for option in line.get_subcommands().flat_map(options).chain(options(&line)) {
                let word = if shell == Shell::Fish { format!("-l {}", &option[2..]) } else { option };
                assert!(text.contains(&word), "{shell}: {word}");
            }
            assert!(shell == Shell::Fish || text.contains(OTHER_NAME), "{shell}");
        }
    }

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let pages = manual().unwrap();
        let mut line = definition();
        line.build();
        for (name, options) in line
            .get_subcommands()
            .filter(|each| each.get_name() != "help")
            .map(|each| (format!("{NAME}-{}.1", each.get_name()), options(each)))
            .chain([(format!("{NAME}.1"), options(&line))])
        {
            let (_, page) = pages.iter().find(|(page, _)| *page == name).expect(&name);
            let page = String::from_utf8(page.clone()).unwrap().replace("\\-", "-");
            for option in options {
                assert!(page.contains(&option), "{name}: {option}");
            }
        }
    }

    #[test]
    fn the_same_is_written_each_time() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let written = folders.each_ref().map(|folder| {
            write(folder.path()).unwrap();
            let mut files = Vec::new();
            for below in ["completions", "man"] {
                for entry in fs::read_dir(folder.path().join(below)).unwrap() {
                    let path = entry.unwrap().path();
                    files.push((
                        path.strip_prefix(folder.path()).unwrap().to_owned(),
                        fs::read(path).unwrap(),
                    ));
                }
            }
            files.sort();
            files
        });
        assert_eq!(written[0], written[1]);
        assert!(written[0].len() > 8);
    }
}
