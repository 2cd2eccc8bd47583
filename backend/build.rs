//! Turns `target/web` (the WASM bundle, built by `cargo xtask web`) and `public` into the tables of
//! `src/assets.rs`. Reads and writes files only; starts no process.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest as _, Sha256};

/// The bundle's files; without them the widget's form posts natively.
const BUNDLE: [&str; 2] = ["widget.js", "widget.wasm"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    // Cargo takes a missing path for a changed one, and would build anew every time.
    let web = root.join("target/web");
    fs::create_dir_all(&web)?;
    let public = root.join("public");
    println!("cargo::rerun-if-changed=build.rs");
    for watched in [&web, &public] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }

    let mut assets = String::from("static ASSETS: &[Asset] = &[\n");
    for name in BUNDLE {
        let file = web.join(name);
        if !file.exists() && is_release {
            println!("cargo::error=target/web/{name} is missing; run `cargo xtask web` first");
        } else if !file.exists() {
            println!(
                "cargo::warning=target/web/{name} is missing; for the whole widget run `cargo xtask web`"
            );
        }
        let bytes = if file.exists() {
            fs::read(&file)?
        } else {
            Vec::new()
        };
        asset(&mut assets, &out, name, &bytes, is_release)?;
    }
    let mut notices = String::from("static NOTICE_FILES: &[NoticeFile] = &[\n");
    for file in files(&public)? {
        let name = name_below(&public, &file);
        let bytes = fs::read(&file)?;
        match name
            .strip_prefix("notices/")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((notice, name)) => {
                let path = fs::canonicalize(&file)?;
                _ = writeln!(
                    notices,
                    "NoticeFile {{ notice: {notice:?}, name: {name:?}, bytes: include_bytes!({path:?}) }},"
                );
            }
            None => asset(&mut assets, &out, &name, &bytes, is_release)?,
        }
    }
    fs::write(
        out.join("assets.rs"),
        [&assets, "];\n", &notices, "];\n"].concat(),
    )
}

/// Every file below a folder, in the order of its path.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

fn name_below(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder).unwrap_or(file);
    below
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

fn asset(table: &mut String, out: &Path, name: &str, bytes: &[u8], best: bool) -> io::Result<()> {
    let flat = name.replace('/', "~");
    let (raw, packed) = (out.join(&flat), out.join(format!("{flat}.br")));
    fs::write(&raw, bytes)?;
    fs::write(&packed, brotli(bytes, best)?)?;
    let sha256: String = Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            _ = write!(hex, "{byte:02x}");
            hex
        });
    let mime = mime(name);
    _ = writeln!(
        table,
        "Asset {{ name: {name:?}, mime: {mime:?}, sha256: {sha256:?}, raw: include_bytes!({raw:?}), \
         brotli: include_bytes!({packed:?}) }},"
    );
    Ok(())
}

fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

fn brotli(bytes: &[u8], best: bool) -> io::Result<Vec<u8>> {
    let quality = if best { 11 } else { 4 };
    let mut packed = brotli::CompressorWriter::new(Vec::new(), 4096, quality, 22);
    packed.write_all(bytes)?;
    packed.flush()?;
    Ok(packed.into_inner())
}
