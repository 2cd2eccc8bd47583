//! The WASM bundle: built, bound, weighed. Every use of wasm-bindgen's library is here.
//!
//! No `wasm-opt`: measured, it takes 3 % off what travels, and would make the bundle depend on a
//! tool that is not a crate.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::tools::{self, WASM};

/// WASM and glue together, brotli: the build fails above it.
const BUDGET: usize = 90_000;
/// Builds the widget's bundle into `target/web` as `widget.js` and `widget.wasm`.
pub(crate) fn bundle() -> anyhow::Result<()> {
    let root = tools::root();
    let web = root.join("target/web");
    tools::wasm_target()?;
    compile()?;
    let bound = root.join("target/wasm/bound");
    bind(
        &root
            .join("target/wasm")
            .join(WASM)
            .join("widget/widget.wasm"),
        &bound,
    )?;
    fs::create_dir_all(&web)?;
    replace(
        &web.join("widget.wasm"),
        &fs::read(bound.join("widget_bg.wasm"))?,
    )?;
    let glue = fs::read_to_string(bound.join("widget.js"))?;
    replace(&web.join("widget.js"), plain(&glue).as_bytes())?;
    weigh(&web)
}

/// Builds the release binary.
pub(crate) fn binary() -> anyhow::Result<()> {
    let build = ["build", "--locked", "--release", "-p", "backend"];
    tools::run(&mut tools::cargo(build))
}

/// A separate target directory, so that the host's builds and this one neither wait for nor
/// discard each other; the host's compiler flags stay out.
fn compile() -> anyhow::Result<()> {
    let build = ["build", "--locked", "-p", "widget", "--lib"];
    tools::run(
        tools::cargo(build)
            .args(["--profile", "widget", "--target", WASM])
            .args(["--target-dir", "target/wasm"])
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
    )
}

fn bind(wasm: &Path, out: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name("widget")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .context("wasm-bindgen failed; the macro and the library must have the very same version")
}

/// The glue without comments and indentation; the rest is for the compression.
fn plain(glue: &str) -> String {
    let mut out = String::with_capacity(glue.len());
    let mut in_comment = false;
    for line in glue.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    out
}

fn weigh(web: &Path) -> anyhow::Result<()> {
    let mut whole = 0;
    for name in ["widget.wasm", "widget.js"] {
        let bytes = fs::read(web.join(name))?;
        let packed = brotli(&bytes)?;
        println!("{name:12} {:>7} bytes, {packed:>6} as brotli", bytes.len());
        whole += packed;
    }
    println!("together     {whole:>22} as brotli, of {BUDGET}");
    ensure!(
        whole <= BUDGET,
        "the widget outgrew its budget of {BUDGET} bytes (design, section 12)"
    );
    Ok(())
}

fn brotli(bytes: &[u8]) -> anyhow::Result<usize> {
    let mut packed = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    packed.write_all(bytes)?;
    packed.flush()?;
    Ok(packed.into_inner().len())
}

/// Leaves an unchanged file alone, so that the backend is not built again for nothing.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::write(path, bytes)?;
    }
    Ok(())
}
