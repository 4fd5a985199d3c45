//! Reads the rule files and the input catalogue, proves them, and writes the rule pack with its texts.
//!
//! The build runs this; nothing of it ships. What the words of a rule file mean stands in `docs/levy_language.md`.

mod assemble;
mod catalogue;
mod documents;
mod expression;
mod periods;
mod rule_file;
mod tables;
mod texts;

use assemble::assemble;
use catalogue::Catalogue;
use rule_file::RuleFile;
use std::path::{Path, PathBuf};
use tax_core::{Pack, day_of, write_pack};

/// First day of all law here.
pub const FLOOR: i64 = day_of(2023, 1, 1);
/// Last day of all law here.
pub const HORIZON: i64 = day_of(2030, 12, 31);
/// Name of the version of the law.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is wrong with a rule file, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// A compiled set of rule files.
#[derive(Debug)]
pub struct Compiled {
    /// The rule pack, as the engine loads it.
    pub pack: Vec<u8>,
    /// Names, texts and sources: `law.json`.
    pub law: String,
    /// `docs/inputs.md`.
    pub inputs: String,
    /// `docs/law/unmodelled.md`.
    pub unmodelled: String,
    /// `docs/law/coverage.md`.
    pub coverage: String,
}

/// Compiles rule files given as text with their names.
///
/// # Errors
/// A [`Fault`] that names the file and what is wrong with it.
pub fn compile(catalogue: &str, files: &[(String, String)]) -> Result<Compiled, Fault> {
    let catalogue = Catalogue::read(catalogue)?;
    let residence = catalogue.fact("residence_state").ok_or(Fault("inputs.toml has no residence_state".into()))?;
    let mut rules = Vec::new();
    for (name, text) in files {
        let file: RuleFile = toml::from_str(text).map_err(|error| Fault(format!("{name}: {error}")))?;
        let assembled =
            assemble(&file, &catalogue, FLOOR, HORIZON).map_err(|Fault(what)| Fault(format!("{name}: {what}")))?;
        rules.push((file, assembled));
    }
    rules.sort_by_key(|(_, assembled)| assembled.state.code);
    let pack = Pack {
        version: VERSION.into(),
        floor: FLOOR,
        horizon: HORIZON,
        residence,
        places: catalogue.state_codes()?,
        facts: catalogue.fact_specs()?,
        lists: catalogue.list_specs()?,
        states: rules.iter().map(|(_, assembled)| assembled.state.clone()).collect(),
    };
    let bytes = write_pack(&pack);
    Ok(Compiled {
        law: texts::law_json(&catalogue, &rules, &bytes),
        inputs: documents::inputs(&catalogue),
        unmodelled: documents::unmodelled(&rules),
        coverage: documents::coverage(&rules),
        pack: bytes,
    })
}

/// The rule files of a folder in the order of their names, with their texts.
///
/// # Errors
/// A [`Fault`] when a file cannot be read.
pub fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, Fault> {
    let unreadable = |path: &Path, error: std::io::Error| Fault(format!("{}: {error}", path.display()));
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| read_file(path)).collect()
}

/// A rule file's name and text.
///
/// # Errors
/// A [`Fault`] when it cannot be read.
pub fn read_file(path: &Path) -> Result<(String, String), Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| Fault(format!("{}: {error}", path.display())))?;
    Ok((path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into()), text))
}

/// The build script of a binding: compiles the rules into its output folder; a fault in them stops the build.
pub fn build_script() {
    println!("cargo::rerun-if-changed=../rules");
    println!("cargo::rerun-if-changed=../inputs.toml");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(fault) = compile_into(&out) {
        eprintln!("{fault}");
        std::process::exit(1);
    }
}

/// Compiles the catalogue and rules that stand beside this crate and writes `rules.pack` and `law.json` into a folder: for the
/// build scripts of the bindings.
///
/// # Errors
/// A [`Fault`] that names the file and what is wrong with it.
pub fn compile_into(folder: &Path) -> Result<(), Fault> {
    let compiled = compile_here()?;
    for (name, bytes) in [("rules.pack", compiled.pack.as_slice()), ("law.json", compiled.law.as_bytes())] {
        std::fs::write(folder.join(name), bytes).map_err(|error| Fault(format!("{name}: {error}")))?;
    }
    Ok(())
}

/// Compiles the catalogue and rules that stand beside this crate.
///
/// # Errors
/// A [`Fault`] that names the file and what is wrong with it.
pub fn compile_here() -> Result<Compiled, Fault> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    compile(&read_file(&top.join("inputs.toml"))?.1, &read_folder(&top.join("rules"))?)
}

#[cfg(test)]
mod tests;
