//! Compiles the rules into this binding; a fault in them stops the build.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=../rules");
    println!("cargo::rerun-if-changed=../inputs.toml");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(fault) = compiler::compile_into(&out) {
        eprintln!("{fault}");
        std::process::exit(1);
    }
}
