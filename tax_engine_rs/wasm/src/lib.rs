//! The tax engine for the browser: the core with its built-in rule pack, bytes in and bytes out.

use std::cell::RefCell;
use tax_core::{Engine, PackError};
use wasm_bindgen::prelude::wasm_bindgen;

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.pack"));

thread_local! {
    /// The engine in use. One is kept for good: law changes seldom, and a worker lives shortly.
    static ENGINE: RefCell<Option<&'static mut Engine>> = const { RefCell::new(None) };
}

fn open(pack: &[u8]) -> Result<&'static mut Engine, String> {
    let engine = Engine::new(pack).map_err(|error| match error {
        PackError::Hash => "this rule pack is damaged: its hash does not hold",
        PackError::Form => "this rule pack is not in the form that the engine reads",
    })?;
    Ok(Box::leak(Box::new(engine)))
}

fn with_engine<T>(work: impl FnOnce(&mut Engine) -> T) -> Result<T, String> {
    ENGINE.with_borrow_mut(|engine| {
        if engine.is_none() {
            *engine = Some(open(RULES)?);
        }
        match engine {
            Some(engine) => Ok(work(engine)),
            None => Err("there is no engine".into()),
        }
    })
}

/// The lines of one deal; `docs/engine_wire.md`.
#[wasm_bindgen]
pub fn quote(request: &[u8]) -> Result<Vec<u8>, String> {
    with_engine(|engine| engine.quote(request))
}

/// The lines of many deals.
#[wasm_bindgen]
pub fn quote_many(requests: &[u8]) -> Result<Vec<u8>, String> {
    with_engine(|engine| engine.quote_many(requests))
}

/// The facts that a deal's law asks.
#[wasm_bindgen]
pub fn needs(request: &[u8]) -> Result<Vec<u8>, String> {
    with_engine(|engine| engine.needs(request))
}

/// Takes another rule pack in place of the built-in one.
#[wasm_bindgen]
pub fn load_pack(pack: &[u8]) -> Result<(), String> {
    ENGINE.set(Some(open(pack)?));
    Ok(())
}

/// Version and hash of the rule pack in use, as `VERSION HASH`.
#[wasm_bindgen]
pub fn pack_info() -> Result<String, String> {
    with_engine(|engine| engine.pack_name())
}
