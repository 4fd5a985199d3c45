//! What stops the build.
