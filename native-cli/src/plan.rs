//! `e2compress plan FILE...`

use std::io::stderr;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Context as _;
use e2compress_core::{ImagePlan, Images, Memory, Progress, Spread, plan, plan_some};
use serde::Serialize;

use crate::answer::{Unheard, answer, answer_json};
use crate::args::PlanArgs;
use crate::exit::{self, Failure};
use crate::files::input::InputFile;
use crate::files::inputs::{Input, Inputs, Kinds, Taken};
use crate::files::sanitize::display;
use crate::run::start_pool;
use crate::signals::Interrupt;
use crate::terminal::print;

/// Plans each file and returns the exit status.
pub fn run(args: &PlanArgs) -> Result<u8, Failure> {
    let inputs =
        Inputs::gather(&args.files, &args.lists, &Taken::to_read(Kinds::All)).map_err(Failure::usage)?;
    let interrupt = Interrupt::install().context("cannot install signal handlers")?;
    let threads = start_pool(&args.threads, &interrupt)?;
    let memory = Memory::for_threads(threads, 1);
    let mut status = exit::DONE;
    inputs.say_what_is_odd(false);
    for problem in &inputs.problems {
        status = exit::FAILED;
        print(stderr(), format_args!("e2compress: {problem}"));
    }
    for Input { path, .. } in &inputs.files {
        if let Some(interrupted) = interrupt.status() {
            return Ok(interrupted);
        }
        match show(path, args, memory, &interrupt) {
            Ok(Ok(())) => {}
            Ok(Err(unheard)) => return Ok(unheard.status()),
            Err(_) if interrupt.came() => return Ok(interrupt.status().unwrap_or(exit::FAILED)),
            Err(problem) => {
                status = exit::FAILED;
                print(stderr(), format_args!("e2compress: {}: {problem:#}", display(path)));
            }
        }
    }
    Ok(status)
}

/// Shows the plan of a file or, one by one, of the images of it that are asked for.
fn show(
    path: &Path,
    args: &PlanArgs,
    memory: Memory,
    interrupt: &Interrupt,
) -> anyhow::Result<Result<(), Unheard>> {
    let file = InputFile::open(path)?.told(&args.reading);
    let images = file.images()?;
    let numbers = args.images.as_ref().map(|list| list.numbers(images.images())).transpose()?;
    let each = args.json || numbers.is_some() || images.images() == 1;
    let (mut spread, mut unheard, mut problem) = (Vec::new(), None, None);
    let count = images.images();
    let mut take = |planned: ImagePlan| {
        let told = if args.json {
            answer_json(&Line { file: &path.to_string_lossy(), planned: &planned })
        } else {
            Spread::add(&mut spread, &planned.choice);
            let shown = each || planned.choice.image == 0;
            Ok(if shown { answer(format_args!("{}", text(path, &*images, &planned))) } else { Ok(()) })
        };
        match told {
            Ok(Ok(())) => return ControlFlow::Continue(()),
            Ok(Err(nobody)) => unheard = Some(nobody),
            Err(found) => problem = Some(found),
        }
        ControlFlow::Break(())
    };
    let name = path.to_string_lossy();
    let (options, stop) = (args.options(memory), Stop(interrupt));
    let planned = match numbers {
        None => plan(&*images, &name, &options, &mut take, &stop),
        Some(numbers) => {
            let parts: Vec<_> = numbers.into_iter().map(|number| number..number + 1).collect();
            plan_some(&*images, &parts, &name, &options, &mut take, &stop)
        }
    };
    file.unless_changed(planned)?;
    if let Some(problem) = problem {
        return Err(problem);
    }
    if let Some(nobody) = unheard {
        return Ok(Err(nobody));
    }
    let lines: Vec<String> = spread.iter().map(|some| some.line(count.into())).collect();
    Ok(if each { Ok(()) } else { answer(format_args!("{}", lines.join("\n"))) })
}

/// Ends the work when the program is asked to stop.
struct Stop<'a>(&'a Interrupt);

impl Progress for Stop<'_> {
    fn advanced(&self, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        self.0.came()
    }
}

/// Words the plan of an image for people.
fn text(path: &Path, images: &dyn Images, planned: &ImagePlan) -> String {
    let of = if images.images() == 1 { String::new() } else { format!(", image {}", planned.choice.image) };
    let mut lines = vec![format!("{}{of}: {}", display(path), planned.heading())];
    lines.extend(planned.lines());
    lines.join("\n")
}

/// A plan with the name of its file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    planned: &'a ImagePlan,
}
