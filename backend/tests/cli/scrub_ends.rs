//! A scrub that is interrupted leaves no file that looks whole.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::deployment::{Deployment, Ended};
use crate::replaying::{list, scrubbed};
use crate::scrub::deployment;

/// Bytes that are certain to be more than what is read before rows are decided.
const PLENTY: usize = 4 * 1024 * 1024;

/// A scrub that reads from a pipe, of which much was written, and the end of the pipe to write to.
fn running(deployment: &Deployment) -> (Child, File) {
    let (scrub, mut list) = waiting(deployment);
    list.write_all(b"email\n").unwrap();
    list.write_all(&rows(PLENTY)).unwrap();
    (scrub, list)
}

/// The same before anything is written.
fn waiting(deployment: &Deployment) -> (Child, File) {
    let pipe = deployment.file("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let pipe = pipe.to_str().unwrap();
    let scrub = started(deployment, pipe, &["--purpose", "info_about_us"], &FILES);
    (scrub, OpenOptions::new().write(true).open(pipe).unwrap())
}

/// What a scrub writes.
const FILES: [&str; 3] = ["kept", "withheld", "certificate"];

/// A scrub that is on its way, with these files.
fn started(deployment: &Deployment, list: &str, more: &[&str], files: &[&str]) -> Child {
    let mut scrub = Command::new(env!("CARGO_BIN_EXE_sayso"));
    scrub
        .env_clear()
        .arg("--data")
        .arg(deployment.file(""))
        .args(["scrub", list])
        .args(more);
    for file in files {
        scrub.arg(format!("--{file}")).arg(deployment.file(file));
    }
    scrub
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Presses Ctrl-C.
fn interrupt(scrub: &Child) {
    let kill = format!("kill -INT {}", scrub.id());
    let pressed = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(pressed.success());
}

/// Asserts that it ends as one that was interrupted.
#[track_caller]
fn ends_interrupted(scrub: Child) {
    let ended = Ended::from(scrub.wait_with_output().unwrap()).with(1);
    let told = "interrupted: no file was written or changed";
    assert!(ended.error.contains(told), "{ended:?}");
}

fn rows(bytes: usize) -> Vec<u8> {
    b"bob.stone@client.example\n".repeat(bytes / 25)
}

fn present(deployment: &Deployment) -> Vec<String> {
    let all = fs::read_dir(deployment.file("")).unwrap();
    let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| !name.starts_with("sayso") && !name.contains("secrets"))
        .collect();
    names.sort();
    names
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
    assert_eq!(present(&deployment), ["kept", "pipe", "withheld"]);
}

#[test]
fn a_scrub_that_is_stopped_puts_its_files_away() {
    let deployment = deployment();
    let (scrub, mut list) = running(&deployment);
    interrupt(&scrub);
    // The list goes on until nobody reads it any more.
    let more = rows(64 * 1024);
    while list.write_all(&more).is_ok() {}
    ends_interrupted(scrub);
    assert_eq!(present(&deployment), ["pipe"]);
}

#[test]
fn a_scrub_whose_list_does_not_come_is_stopped_and_puts_its_files_away() {
    for begins in [waiting, running] {
        let deployment = deployment();
        let (scrub, list) = begins(&deployment);
        interrupt(&scrub);
        ends_interrupted(scrub);
        assert_eq!(present(&deployment), ["pipe"]);
        drop(list);
    }
}

#[test]
fn a_scrub_by_a_server_that_does_not_answer_is_stopped_and_puts_its_files_away() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let server = ["--server", &url, "--key", "sayso_key"];
    let deployment = Deployment::published();
    let [input, certificate] = scrubbed(&deployment, &list(&["ann"]), &[]);
    let before = present(&deployment);
    let whole = ["--purpose", "info_about_us"];
    let since = ["--since", &certificate];
    for (question, files) in [(whole, &FILES[..]), (since, &FILES[1..2])] {
        let scrub = started(
            &deployment,
            &input,
            &[&question[..], &server].concat(),
            files,
        );
        let asked = silent.accept().unwrap();
        interrupt(&scrub);
        ends_interrupted(scrub);
        assert_eq!(present(&deployment), before);
        drop(asked);
    }
}
