//! `cargo xtask serve`: from a fresh clone to a page in the browser.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use crate::tools;

/// Runs the demo in the foreground; what it prints says where to click and which key to use.
pub(crate) fn demo(listen: &str, data: &str) -> anyhow::Result<()> {
    if TcpStream::connect(listen).is_ok() {
        bail!(
            "something already listens on {listen}: stop it, or choose another with --listen 127.0.0.1:8081"
        );
    }
    let mut sayso = Command::new(tools::root().join("target/release/sayso"));
    sayso
        .current_dir(tools::root())
        .args(["serve", "--demo", "--data", data, "--listen", listen]);
    tools::say(&sayso);
    let mut server = sayso
        .stdout(Stdio::piped())
        .spawn()
        .context("target/release/sayso did not start")?;
    follow(
        &mut server,
        &format!("http://{}/demo", listen.replace("127.0.0.1", "localhost")),
    )?;
    let status = server.wait()?;
    if !status.success() {
        bail!("the server ended: {status}");
    }
    Ok(())
}

/// Passes on what the server says; its first line means that it answers, so the page can be opened.
fn follow(server: &mut Child, page: &str) -> anyhow::Result<()> {
    let Some(output) = server.stdout.take() else {
        return Ok(());
    };
    let mut opened = false;
    for line in BufReader::new(output).lines() {
        println!("{}", line?);
        if !std::mem::replace(&mut opened, true) {
            open(page);
        }
    }
    Ok(())
}

fn open(page: &str) {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let opens = (display || cfg!(target_os = "macos")) && tools::on_path(opener);
    if !opens
        || Command::new(opener)
            .arg(page)
            .stderr(Stdio::null())
            .spawn()
            .is_err()
    {
        println!("open {page} in a browser");
    }
}
