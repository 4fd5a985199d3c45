//! The tax engine for Python: the core with its built-in rule pack, bytes in and bytes out.

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.pack"));
static LAW: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/law.json"));

/// `tax_engine`: quotes by the law of a rule pack.
#[pyo3::pymodule]
mod tax_engine {
    use super::{LAW, RULES};
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use tax_core::Engine;

    static ENGINE: Mutex<Option<Engine>> = Mutex::new(None);

    fn with_engine<T>(work: impl FnOnce(&mut Engine) -> T) -> PyResult<T> {
        let mut engine: MutexGuard<'_, Option<Engine>> = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        if engine.is_none() {
            *engine = Some(open(RULES)?);
        }
        match engine.as_mut() {
            Some(engine) => Ok(work(engine)),
            None => Err(PyValueError::new_err("there is no engine")),
        }
    }

    fn open(pack: &[u8]) -> PyResult<Engine> {
        Engine::new(pack).map_err(|error| PyValueError::new_err(format!("this rule pack cannot be used: {error:?}")))
    }

    /// The lines of one deal; docs/engine_wire.md.
    #[pyfunction]
    fn quote<'py>(python: Python<'py>, request: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(python, &with_engine(|engine| engine.quote(request))?))
    }

    /// The lines of many deals.
    #[pyfunction]
    fn quote_many<'py>(python: Python<'py>, requests: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(python, &with_engine(|engine| engine.quote_many(requests))?))
    }

    /// The facts that a deal's law asks.
    #[pyfunction]
    fn needs<'py>(python: Python<'py>, request: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(python, &with_engine(|engine| engine.needs(request))?))
    }

    /// Takes another rule pack in place of the built-in one.
    #[pyfunction]
    fn load_pack(pack: &[u8]) -> PyResult<()> {
        *ENGINE.lock().unwrap_or_else(PoisonError::into_inner) = Some(open(pack)?);
        Ok(())
    }

    /// Goes back to the built-in rule pack.
    #[pyfunction]
    fn load_built_in_pack() -> PyResult<()> {
        load_pack(RULES)
    }

    /// Version and hash of the rule pack in use, as "VERSION HASH".
    #[pyfunction]
    fn pack_info() -> PyResult<String> {
        with_engine(|engine| engine.pack_name())
    }

    /// Names, texts and sources of the built-in rule pack, as JSON.
    #[pyfunction]
    fn law_json(python: Python<'_>) -> Bound<'_, PyBytes> {
        PyBytes::new(python, LAW)
    }
}
