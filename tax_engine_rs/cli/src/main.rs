//! Reads requests from standard input, each with its length in bytes in front (64-bit little-endian), and writes the answers
//! alike. `tax_cli PACK` takes its law from a file instead of the built-in pack.
#![forbid(unsafe_code)]

use std::io::{Read, Write};
use tax_core::Engine;

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.pack"));

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pack = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => RULES.to_vec(),
    };
    let mut engine = Engine::new(&pack).map_err(|error| format!("{error:?}"))?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut length = [0; 8];
    while input.read_exact(&mut length).is_ok() {
        let mut request = vec![0; usize::try_from(u64::from_le_bytes(length))?];
        input.read_exact(&mut request)?;
        let answer = engine.quote(&request);
        output.write_all(&(answer.len() as u64).to_le_bytes())?;
        output.write_all(&answer)?;
        output.flush()?;
    }
    Ok(())
}
