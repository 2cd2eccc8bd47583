//! A deployment in a directory of its own, and the binary run on it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use backend::clock::{System, World as _};
use serde_json::Value;
use tempfile::TempDir;

/// A data directory with secrets, configuration and the published notice; no server.
pub(crate) struct Deployment {
    directory: TempDir,
}

/// A service that ends when this is dropped.
pub(crate) struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) error: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Asserts the exit code and returns itself.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            output: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The folder of the notice in the source tree.
pub(crate) fn notice() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/notices/corporate-clients")
}

/// A copy of the notice's folder with its structure changed.
pub(crate) fn changed(deployment: &Deployment, from: &str, to: &str) -> String {
    let copy = deployment.file("changed");
    fs::create_dir_all(&copy).unwrap();
    for file in fs::read_dir(notice()).unwrap() {
        let path = file.unwrap().path();
        let mut text = fs::read_to_string(&path).unwrap();
        if path.ends_with("notice.toml") {
            assert!(text.contains(from));
            text = text.replace(from, to);
        }
        fs::write(copy.join(path.file_name().unwrap()), text).unwrap();
    }
    copy.to_str().unwrap().to_owned()
}

/// The date of a review that was made for the test.
pub(crate) fn today() -> String {
    System.now().date().to_string()
}

impl Deployment {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// With secrets and the example values, and nothing published.
    pub(crate) fn configured() -> Self {
        let deployment = Self::empty();
        deployment.run(&["config", "secrets"]).with(0);
        let settings = include_str!("../../../shared/src/notice/example.toml");
        let notice: toml::Table = toml::from_str(settings).unwrap();
        let mut config: toml::Table = toml::from_str(
            "public_url = 'https://privacy.example.com'\n\
             default_country = 'GB'\n\
             default_subscriber = 'corporate'\n\
             site = [{ origin = 'https://www.example.com' }]\n",
        )
        .unwrap();
        config.insert("notice".to_owned(), toml::Value::Table(notice));
        let reviewed = toml::Value::String(today());
        let notice = config["notice"].as_table_mut().unwrap();
        notice.insert("assessments_reviewed_at".to_owned(), reviewed);
        fs::write(deployment.file("sayso.toml"), config.to_string()).unwrap();
        deployment
    }

    /// With the notice published.
    pub(crate) fn published() -> Self {
        let deployment = Self::configured();
        let folder = notice();
        let folder = folder.to_str().unwrap();
        deployment.run(&["notice", "publish", folder]).with(0);
        deployment
    }

    /// The path of a file in the data directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs `sayso` while nobody reads what it prints.
    pub(crate) fn run_unread(&self, arguments: &[&str]) -> Ended {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Command::new(env!("CARGO_BIN_EXE_sayso"))
            .env_clear()
            .arg("--data")
            .arg(self.directory.path())
            .args(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap()
            .into()
    }

    /// Runs `sayso` on the data directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(&[], arguments)
    }

    /// The same with `--json`; the answer must be JSON.
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        self.run(&arguments).with(code).json()
    }

    /// The same with variables in the environment.
    pub(crate) fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Ended {
        Command::new(env!("CARGO_BIN_EXE_sayso"))
            .env_clear()
            .envs(environment.iter().copied())
            .arg("--data")
            .arg(self.directory.path())
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    /// Runs `sayso` on the data directory with that on its standard input.
    pub(crate) fn fed(&self, input: &str, arguments: &[&str]) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .env_clear()
            .arg("--data")
            .arg(self.directory.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that refuses does not read to the end.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }

    /// The service on this data directory, until it is dropped.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// The same with further arguments.
    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .env_clear()
            .arg("--data")
            .arg(self.directory.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut ready).unwrap();
        Serving(child)
    }

    /// The decision of `sayso check` about the mailings.
    pub(crate) fn check(&self, code: i32, address: &str) -> Value {
        self.json(code, &["check", address, "--purpose", "info_about_us"])
    }
}
