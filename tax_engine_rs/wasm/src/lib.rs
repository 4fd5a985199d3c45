//! The tax engine for the browser: the core with its built-in rule pack, bytes in and bytes out.
//!
//! It does without the standard library, whose allocator and formatted messages of panics are an eighth of what the page would
//! load. A broken invariant stops the module, and JavaScript gets a `RuntimeError`.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use spin::Mutex;
use tax_core::{Engine, PackError};
use wasm_bindgen::prelude::wasm_bindgen;

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.pack"));

/// The engine in use. One is kept for good: law changes seldom, and a worker lives shortly.
static ENGINE: Mutex<Option<&'static mut Engine>> = Mutex::new(None);

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

fn open(pack: &[u8]) -> Result<&'static mut Engine, PackError> {
    Engine::new(pack).map(|engine| &mut *Box::leak(Box::new(engine)))
}

fn ask<T>(question: impl FnOnce(&mut Engine) -> T) -> T {
    let mut engine = ENGINE.try_lock().expect("no earlier question stopped the engine in the middle of its work");
    question(engine.get_or_insert_with(|| open(RULES).expect("the built-in rule pack is sound")))
}

/// The lines of one deal; `docs/engine_wire.md`.
#[wasm_bindgen]
pub fn quote(request: &[u8]) -> Vec<u8> {
    ask(|engine| engine.quote(request))
}

/// The lines of many deals.
#[wasm_bindgen]
pub fn quote_many(requests: &[u8]) -> Vec<u8> {
    ask(|engine| engine.quote_many(requests))
}

/// The facts that a deal's law asks.
#[wasm_bindgen]
pub fn needs(request: &[u8]) -> Vec<u8> {
    ask(|engine| engine.needs(request))
}

/// Takes another rule pack in place of the built-in one; `false` when it is damaged or of another form, and nothing changes.
#[wasm_bindgen]
pub fn load_pack(pack: &[u8]) -> bool {
    let opened = open(pack);
    let sound = opened.is_ok();
    if let (Ok(opened), Some(mut engine)) = (opened, ENGINE.try_lock()) {
        *engine = Some(opened);
    }
    sound
}

/// Version and hash of the rule pack in use, as `VERSION HASH`.
#[wasm_bindgen]
pub fn pack_info() -> String {
    ask(|engine| engine.pack_name())
}
