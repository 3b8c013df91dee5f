//! The words of the command line before they are parsed: abbreviations that the original program takes, options in
//! front of a command, and names that look like a command's.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, CommandFactory as _};

use crate::args::CommandLine;

/// The options of EMAN2's `e2compress.py`. Any beginning that only one of them has stands for it, whatever options
/// this program has besides.
const OF_THE_ORIGINAL: [&str; 11] = [
    "bits",
    "compresslevel",
    "help",
    "nooutliers",
    "outpath",
    "ppid",
    "range",
    "sigrange",
    "threads",
    "verbose",
    "version",
];

/// Letters that may be wrong, missing, too many or exchanged in a command's name, in so many of its own.
const WRONG_LETTERS: [usize; 2] = [1, 3];

/// Writes the original's options out in full and puts a command before the options that precede it.
pub fn spelt_out(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut line = CommandLine::command();
    line.build();
    let mut words: Vec<OsString> = words.into_iter().collect();
    let spelt = options(&line, &words);
    let first = spelt.first_file.and_then(|place| Some((place, line.find_subcommand(words.get(place)?)?)));
    let Some((place, command)) = first else {
        spell(&line, &mut words);
        return words;
    };
    // An option that the command does not have is the original's, to which every word but options is a file.
    if spelt.names.iter().any(|name| !knows(command, name)) {
        spell(&line, &mut words);
        return words;
    }
    if let Some(before) = words.get_mut(1..=place) {
        before.rotate_right(1);
    }
    spell(command, &mut words);
    words
}

/// Finds the command whose name a word nearly is.
pub fn near_command(word: &OsStr) -> Option<String> {
    let word = word.to_str()?.to_lowercase();
    let line = CommandLine::command();
    let names = line.get_subcommands().map(|command| command.get_name().to_owned());
    names.chain(["help".to_owned()]).find(|name| {
        let [wrong, of] = WRONG_LETTERS;
        strsim::osa_distance(&word, name) * of <= name.len() * wrong
    })
}

/// What stands before the first word that is no option.
#[derive(Default)]
struct Before {
    /// The options, with dashes, written out.
    names: Vec<String>,
    /// The place of that word.
    first_file: Option<usize>,
}

/// Goes through the words up to the first that is neither an option nor the value of one.
fn options(command: &Command, words: &[OsString]) -> Before {
    let mut found = Before::default();
    let mut place = 1;
    while let Some(word) = words.get(place) {
        let word = word.to_string_lossy();
        if word == "--" {
            return found;
        }
        if !word.starts_with('-') || word == "-" {
            found.first_file = Some(place);
            return found;
        }
        let (name, has_value) = named(command, &word);
        let with_value = || {
            takes_value(command, &name) || command.get_subcommands().any(|other| takes_value(other, &name))
        };
        place += 1 + usize::from(!has_value && with_value());
        found.names.push(name);
    }
    found
}

/// Writes out the options that a command has of the original's, wherever they stand.
fn spell(command: &Command, words: &mut [OsString]) {
    let mut place = 1;
    while let Some(word) = words.get(place).map(|word| word.to_string_lossy().into_owned()) {
        if word == "--" {
            return;
        }
        place += 1;
        if !word.starts_with('-') || word == "-" {
            continue;
        }
        let (name, has_value) = named(command, &word);
        if let Some(abbreviation) = word.strip_prefix("--") {
            // What follows the equals sign may be any bytes; the option is ASCII.
            let length = abbreviation.find('=').unwrap_or(abbreviation.len());
            if name.len() - 2 != length
                && knows(command, &name)
                && let Some(original) = words.get_mut(place - 1)
            {
                *original = with_name(original, &name, length + 2);
            }
        }
        place += usize::from(!has_value && takes_value(command, &name));
    }
}

/// Puts another name in place of the first bytes of a word.
fn with_name(word: &OsStr, name: &str, length: usize) -> OsString {
    // What is no Unicode stays as it is, unabbreviated.
    let Some(rest) = word.to_str().and_then(|word| word.get(length..)) else { return word.to_owned() };
    format!("{name}{rest}").into()
}

/// Returns an option with dashes, written out if it is the original's, and whether its value is in the same word.
fn named(command: &Command, word: &str) -> (String, bool) {
    let Some(long) = word.strip_prefix("--") else {
        // Of several letters the first that takes a value has what follows for one.
        let letters: Vec<String> = word.chars().skip(1).map(|letter| format!("-{letter}")).collect();
        let takes = |name: &String| {
            takes_value(command, name) || command.get_subcommands().any(|other| takes_value(other, name))
        };
        let place = letters.iter().position(takes);
        let name = letters.get(place.unwrap_or(0)).cloned().unwrap_or_default();
        return (name, place.is_some_and(|place| place + 1 < letters.len()));
    };
    let (name, has_value) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
    if find(command, &format!("--{name}")).is_some() {
        return (format!("--{name}"), has_value);
    }
    let mut begun = OF_THE_ORIGINAL.iter().filter(|option| option.starts_with(name));
    match (begun.next(), begun.next()) {
        (Some(option), None) => (format!("--{option}"), has_value),
        _ => (format!("--{name}"), has_value),
    }
}

fn find<'a>(command: &'a Command, option: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|argument| match option.strip_prefix("--") {
        Some(long) => argument.get_long() == Some(long),
        None => argument
            .get_short()
            .is_some_and(|short| option.strip_prefix('-') == Some(short.to_string().as_str())),
    })
}

fn knows(command: &Command, option: &str) -> bool {
    find(command, option).is_some()
}

fn takes_value(command: &Command, option: &str) -> bool {
    find(command, option).is_some_and(|argument| argument.get_action().takes_values())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(words: &str) -> String {
        let words = ["e2compress"].into_iter().chain(words.split(' ')).map(OsString::from);
        let spelt = spelt_out(words);
        let spelt: Vec<_> = spelt[1..].iter().map(|word| word.to_str().unwrap()).collect();
        spelt.join(" ")
    }

    #[test]
    fn the_original_s_abbreviations_come_before_our_options() {
        for (short, long) in [
            ("--n a.mrc", "--nooutliers a.mrc"),
            ("--no a.mrc", "--nooutliers a.mrc"),
            ("--r 0,1 a.mrc", "--range 0,1 a.mrc"),
            ("--r=-1,1 a.mrc", "--range=-1,1 a.mrc"),
            (
                "--o out --b 5 --c 6 --t 2 --p 7 a.mrc",
                "--outpath out --bits 5 --compresslevel 6 --threads 2 --ppid 7 a.mrc",
            ),
            ("a.mrc --s 4,4 --verb 2", "a.mrc --sigrange 4,4 --verbose 2"),
            // Not the original's, or of several.
            ("--no-v a.mrc", "--no-v a.mrc"),
            ("--re r.jsonl a.mrc", "--re r.jsonl a.mrc"),
            ("--v a.mrc", "--v a.mrc"),
            ("--verify a.mrc", "--verify a.mrc"),
            ("--s 4,4 a.mrc", "--sigrange 4,4 a.mrc"),
            ("--ra 0,1 --ou out a.mrc", "--range 0,1 --outpath out a.mrc"),
            ("--sh 1/2 a.mrc", "--sh 1/2 a.mrc"),
            ("--nu --files-from list", "--nu --files-from list"),
            ("--set 9 --rec --q --d a", "--set 9 --rec --q --d a"),
            // Values and files are no options.
            ("--outpath --n a.mrc", "--outpath --n a.mrc"),
            ("-- --n a.mrc", "-- --n a.mrc"),
        ] {
            assert_eq!(spelt(short), long);
        }
    }

    #[test]
    fn options_may_precede_a_command() {
        for (before, after) in [
            ("--threads 2 verify a.hdf", "verify --threads 2 a.hdf"),
            ("--t=2 verify a.hdf a.mrc", "verify --threads=2 a.hdf a.mrc"),
            ("-v 1 --o back expand --mode 2 a.hdf", "expand -v 1 --outpath back --mode 2 a.hdf"),
            ("expand --o back a.hdf", "expand --outpath back a.hdf"),
            ("--json info a.hdf", "info --json a.hdf"),
            ("--mode 2 expand a.hdf", "expand --mode 2 a.hdf"),
            ("-rq verify out", "verify -rq out"),
            ("-rj 4 verify out", "verify -rj 4 out"),
            ("-rj4 verify out", "verify -rj4 out"),
            ("-0 --files-from list --shard 1/2 info", "info -0 --files-from list --shard 1/2"),
            // To the original everything is a file.
            ("--bits 5 info a.mrc", "--bits 5 info a.mrc"),
            ("a.mrc verify", "a.mrc verify"),
        ] {
            assert_eq!(spelt(before), after);
        }
    }

    #[test]
    fn names_that_are_nearly_commands() {
        let near = |word: &str| near_command(OsStr::new(word));
        for (word, command) in [
            ("verfy", "verify"),
            ("Verify", "verify"),
            ("exapnd", "expand"),
            ("inof", "info"),
            ("hlep", "help"),
        ] {
            assert_eq!(near(word).as_deref(), Some(command), "{word}");
        }
        for word in ["a.mrc", "verify.mrc", "in", "x", "expanded.hdf", "movie"] {
            assert_eq!(near(word), None, "{word}");
        }
    }
}
