//! Compiles the rules into this binding; a fault in them stops the build.

fn main() {
    compiler::build_script();
}
