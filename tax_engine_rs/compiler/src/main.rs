//! `compiler check FILE…` proves rule files; `compiler out FOLDER` writes rules.pack and law.json; `compiler docs FOLDER`
//! writes the generated pages; `compiler docs-check FOLDER` says whether they are up to date.

use compiler::{Compiled, Fault, compile, compile_here, compile_into, read_file};
use std::path::{Path, PathBuf};

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["check", ref files @ ..] if !files.is_empty() => check(files),
        ["out", folder] => compile_into(Path::new(folder)),
        ["docs", folder] => docs(Path::new(folder), true),
        ["docs-check", folder] => docs(Path::new(folder), false),
        _ => Err(Fault("usage: compiler check FILE… | out FOLDER | docs FOLDER | docs-check FOLDER".into())),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Proves each file by itself, so that one fault hides no other.
fn check(files: &[&str]) -> Result<(), Fault> {
    let inputs = read_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../inputs.toml"))?.1;
    let mut faults = Vec::new();
    for file in files {
        match read_file(Path::new(file)).and_then(|file| compile(&inputs, &[file])) {
            Ok(compiled) => println!("{file}: sound, {} bytes", compiled.pack.len()),
            Err(Fault(what)) => faults.push(what),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Fault(faults.join("\n"))) }
}

fn docs(folder: &Path, write: bool) -> Result<(), Fault> {
    let Compiled { inputs, unmodelled, coverage, .. } = compile_here()?;
    for (name, page) in [("inputs.md", inputs), ("law/unmodelled.md", unmodelled), ("law/coverage.md", coverage)] {
        let path: PathBuf = folder.join(name);
        let failed = |error: std::io::Error| Fault(format!("{}: {error}", path.display()));
        if write {
            std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failed)?;
            std::fs::write(&path, page).map_err(failed)?;
        } else if std::fs::read_to_string(&path).map_err(failed)? != page {
            return Err(Fault(format!("{} is not what the rules say: run `compiler docs`", path.display())));
        }
    }
    Ok(())
}
