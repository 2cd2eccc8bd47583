//! A scrub that is interrupted leaves no file that looks whole.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use crate::deployment::Deployment;
use crate::scrub::deployment;

/// Bytes that are certain to be more than what is read before rows are decided.
const PLENTY: usize = 4 * 1024 * 1024;

/// A scrub that reads from a pipe, and the end of the pipe to write to.
fn running(deployment: &Deployment) -> (Child, File) {
    let pipe = deployment.file("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let scrub = Command::new(env!("CARGO_BIN_EXE_sayso"))
        .env_clear()
        .arg("--data")
        .arg(deployment.file(""))
        .arg("scrub")
        .arg(&pipe)
        .args(["--purpose", "info_about_us"])
        .arg("--kept")
        .arg(deployment.file("kept"))
        .arg("--withheld")
        .arg(deployment.file("withheld"))
        .arg("--certificate")
        .arg(deployment.file("certificate"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut list = OpenOptions::new().write(true).open(&pipe).unwrap();
    list.write_all(b"email\n").unwrap();
    list.write_all(&rows(PLENTY)).unwrap();
    (scrub, list)
}

fn rows(bytes: usize) -> Vec<u8> {
    b"bob.stone@client.example\n".repeat(bytes / 25)
}

fn present(deployment: &Deployment) -> Vec<String> {
    let all = fs::read_dir(deployment.file("")).unwrap();
    let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| !name.starts_with("sayso") && !name.contains("secrets"))
        .collect()
}

#[test]
fn a_scrub_that_is_killed_leaves_no_file_that_looks_whole() {
    let deployment = deployment();
    fs::write(deployment.file("certificate"), "an older one").unwrap();
    let (mut scrub, list) = running(&deployment);
    scrub.kill().unwrap();
    scrub.wait().unwrap();
    drop(list);
    let left = present(&deployment);
    let is_known =
        |name: &String| name == "pipe" || name == "certificate" || name.ends_with(".unfinished");
    assert!(left.iter().all(is_known), "{left:?}");
    assert_eq!(
        fs::read(deployment.file("certificate")).unwrap(),
        b"an older one"
    );
}

#[test]
fn a_file_that_cannot_be_named_leaves_no_list_to_send_to() {
    let deployment = deployment();
    for name in ["withheld", "certificate"] {
        fs::write(deployment.file(name), "an older one").unwrap();
    }
    let (scrub, list) = running(&deployment);
    // Where the kept rows go there is a directory by now.
    fs::create_dir(deployment.file("kept")).unwrap();
    drop(list);
    let ended = scrub.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert_eq!(
        fs::read(deployment.file("withheld")).unwrap(),
        b"an older one"
    );
    let mut left = present(&deployment);
    left.sort();
    assert_eq!(left, ["kept", "pipe", "withheld"]);
}

#[test]
fn a_scrub_that_is_stopped_puts_its_files_away() {
    let deployment = deployment();
    let (scrub, mut list) = running(&deployment);
    let id = scrub.id().to_string();
    assert!(
        Command::new("sh")
            .args(["-c", &format!("kill -INT {id}")])
            .status()
            .unwrap()
            .success()
    );
    // The list goes on until nobody reads it any more.
    let more = rows(64 * 1024);
    while list.write_all(&more).is_ok() {}
    let ended = scrub.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(
        told.contains("interrupted: no file was written or changed"),
        "{told}"
    );
    assert_eq!(present(&deployment), ["pipe"]);
}
