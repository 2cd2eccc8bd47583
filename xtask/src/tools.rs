//! The tools that a run needs beyond Rust: found, or installed where that is allowed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// Built from crates.io, since it is on no base machine. Without its own network code and unoptimised
/// it is there in under two minutes on two cores, and a check then takes four seconds.
const DENY: &str = "0.20.2";
/// What the widget is compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
const AXE: &str = "4.14.1";
const BROWSER: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    // As cargo says when it runs this; where it was compiled may be another copy of the tree.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    package.parent().map(Path::to_owned).unwrap_or_default()
}

/// The cargo that runs this task, in the workspace.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(arguments);
    cargo
}

/// Says the command and runs it to its end.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    say(command);
    let status = command
        .status()
        .with_context(|| format!("{command:?} did not start"))?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

/// Prints the command as it would be typed.
pub(crate) fn say(command: &Command) {
    println!("   $ {}", line(command));
}

/// The formatter and the linter. rustup installs them with the toolchain that `rust-toolchain.toml`
/// names, but not where that was there before.
pub(crate) fn components() -> anyhow::Result<()> {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if said(&mut cargo([command, "--version"])).is_none() {
            println!("   {component} is missing and gets installed, once");
            rustup(["component", "add", component])?;
        }
    }
    Ok(())
}

/// What the widget is compiled for: the same holds for it.
pub(crate) fn wasm_target() -> anyhow::Result<()> {
    let folder = said(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if folder.is_none_or(|folder| !Path::new(folder.trim()).is_dir()) {
        println!("   the target {WASM} is missing and gets installed, once");
        rustup(["target", "add", WASM])?;
    }
    Ok(())
}

fn rustup<const COUNT: usize>(arguments: [&str; COUNT]) -> anyhow::Result<()> {
    run(Command::new("rustup").current_dir(root()).args(arguments))
}

/// cargo-deny, from this workspace's own tools.
pub(crate) fn deny() -> anyhow::Result<PathBuf> {
    let tools = root().join("target/tools");
    let program = tools.join("bin/cargo-deny");
    let wanted = format!("cargo-deny {DENY}");
    if said(Command::new(&program).arg("--version")).is_none_or(|version| version.trim() != wanted)
    {
        println!("   {wanted} is missing and gets installed into target/tools, once");
        let install = |locked: bool| {
            let mut install = cargo([
                "install",
                "--version",
                DENY,
                "cargo-deny",
                "--force",
                "--debug",
                "--no-default-features",
            ]);
            install
                .arg("--root")
                .arg(&tools)
                .arg("--target-dir")
                .arg(root().join("target/tools/build"));
            install.args(locked.then_some("--locked")).arg("--quiet");
            run(&mut install)
        };
        // Some registries no longer serve a version that the tool's own lock file names.
        install(true).or_else(|_| install(false)).context(
            "cargo-deny cannot be installed; `cargo install cargo-deny` by hand tells why",
        )?;
    }
    Ok(program)
}

/// Chromium and its driver, from the system's packages.
pub(crate) fn browser() -> anyhow::Result<()> {
    if on_path("chromedriver") && (on_path("chromium") || on_path("google-chrome")) {
        return Ok(());
    }
    debian("Chromium or its driver", &BROWSER)
}

/// strace and unshare, with which tests watch the disk and fill it.
pub(crate) fn tracer() -> anyhow::Result<()> {
    if on_path("strace") && on_path("unshare") {
        return Ok(());
    }
    debian("strace or unshare", &["strace", "util-linux"])
}

/// Postfix and OpenDKIM, which tests send through and check signatures with, and what example clients run on.
pub(crate) fn mail() -> anyhow::Result<()> {
    if !["python3", "curl"].into_iter().all(on_path) {
        debian(
            "Python or curl, for the example clients",
            &["python3", "curl"],
        )?;
    }
    if ["postfix", "opendkim", "opendkim-testmsg"]
        .into_iter()
        .all(on_path)
    {
        return Ok(());
    }
    debian(
        "Postfix or OpenDKIM",
        &["postfix", "opendkim", "opendkim-tools"],
    )
}

/// GNU time, and a Python with DuckDB and Polars, beside which long lists are measured; `None` where
/// those two cannot be installed.
pub(crate) fn list_peers() -> anyhow::Result<Option<PathBuf>> {
    if !on_path("time") {
        debian("GNU time", &["time"])?;
    }
    let folder = root().join("target/tools/list-peers");
    let python = folder.join("bin/python");
    let has_both = || said(Command::new(&python).args(["-c", "import duckdb, polars"])).is_some();
    if has_both() {
        return Ok(Some(python));
    }
    println!("   DuckDB and Polars are missing and get installed into target/tools, once");
    let mut install = Command::new("sh");
    install
        .args([
            "-c",
            "python3 -m venv \"$0\" && \"$0\"/bin/pip install --quiet duckdb polars",
        ])
        .arg(&folder);
    if run(&mut install).is_err() || !has_both() {
        println!("   they cannot be installed: lists are measured beside sort and comm alone");
        return Ok(None);
    }
    Ok(Some(python))
}

/// Installs packages of the system where that is allowed, and else says what is needed.
fn debian(what: &str, packages: &[&str]) -> anyhow::Result<()> {
    let root = said(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if !root || !on_path("apt-get") {
        bail!(
            "{what} is missing on the PATH and the tests need it. On Debian: apt-get install {}",
            packages.join(" ")
        );
    }
    println!("   {what} is missing and gets installed, once");
    run(Command::new("apt-get").args(["-qq", "update"]))?;
    run(Command::new("apt-get")
        .args(["-qq", "install", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null()))
}

/// axe-core, from npm: the file that the browser tests inject.
pub(crate) fn axe() -> anyhow::Result<()> {
    let node = root().join("target/node");
    let manifest = std::fs::read_to_string(node.join("node_modules/axe-core/package.json"))
        .unwrap_or_default();
    if manifest.contains(&format!("\"version\": \"{AXE}\"")) {
        return Ok(());
    }
    println!("   axe-core {AXE} is missing and gets installed into target/node, once");
    run(Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(node)
        .arg(format!("axe-core@{AXE}")))
    .context("the accessibility tests need npm (apt-get install npm) and its registry")
}

/// Whether a program of this name can be started.
pub(crate) fn on_path(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
