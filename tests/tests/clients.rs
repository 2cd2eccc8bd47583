//! The clients of `docs/clients`, run as they are against the real binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use e2e::{PURPOSE, Port, Sayso, wait};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/clients")
        .join(name)
}

/// A client with the key of that service: the exit code, what it printed and what it complained of.
async fn run(
    program: &str,
    arguments: &[&str],
    server: &str,
    key: &str,
    input: &str,
) -> anyhow::Result<(i32, String, String)> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("SAYSO_SERVER", server)
        .env("SAYSO_KEY", key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} cannot be started"))?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    // One that ends early does not read to the end.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await?;
    Ok((
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    ))
}

#[tokio::test]
async fn the_python_client_prints_whom_of_a_list_may_be_mailed_and_nobody_when_nothing_was_decided()
-> anyhow::Result<()> {
    let mut sayso = Sayso::demo().await?;
    let key = sayso.key("gate:check").await?;
    assert_eq!(sayso.object("jane@client.example", json!({})).await?.0, 202);
    let mut list: String = (0..1500)
        .map(|no| format!("c{no}@client.example\n"))
        .collect();
    list.push_str("Jane@Client.example\nno address\n");
    let file = client("filter.py");
    let arguments = [file.to_str().context("a path")?, PURPOSE];
    let (code, may, said) = run("python3", &arguments, &sayso.url(""), &key, &list).await?;
    assert_eq!(code, 0, "{said}");
    assert_eq!(may.lines().count(), 1500);
    assert!(may.starts_with("c0@client.example\nc1@client.example\n"));
    assert_eq!(
        said,
        "Jane@Client.example objected\nno address invalid_address\n"
    );
    let (code, may, _) = run("python3", &arguments, &sayso.url(""), "sayso_wrong", &list).await?;
    assert_eq!((code, may.as_str()), (1, ""));
    let server = sayso.url("");
    sayso.kill().await?;
    let (code, may, said) = run("python3", &arguments, &server, &key, &list).await?;
    assert_eq!((code, may.as_str()), (1, ""));
    assert!(said.contains("do not send"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_shell_client_says_yes_no_or_do_not_send() -> anyhow::Result<()> {
    let mut sayso = Sayso::demo().await?;
    let key = sayso.key("gate:check").await?;
    assert_eq!(sayso.object("jane@client.example", json!({})).await?.0, 202);
    let file = client("check.sh");
    let server = sayso.url("");
    let ask = async |address: &str| {
        let arguments = [file.to_str().context("a path")?, PURPOSE, address];
        let (code, _, said) = run("sh", &arguments, &server, &key, "").await?;
        anyhow::Ok((code, said))
    };
    assert_eq!(ask("joe@client.example").await?.0, 0);
    let (code, said) = ask("jane@client.example").await?;
    assert_eq!((code, said.as_str()), (3, "objected\n"));
    assert_eq!(ask("\"joe\"@client.example").await?.0, 2);
    sayso.kill().await?;
    let (code, said) = ask("joe@client.example").await?;
    assert_eq!(code, 1);
    assert!(said.contains("do not send"), "{said}");
    Ok(())
}

/// The receiver with a list of three contacts, of which two share a mailbox, printing into that file.
fn receiver(port: u16, folder: &Path) -> anyhow::Result<Child> {
    fs::write(
        folder.join("contacts.txt"),
        "Jane@client.example\njoe@client.example\njoe+news@client.example\n",
    )?;
    let changes = fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("changes.ndjson"))?;
    Ok(Command::new("python3")
        .arg(client("receive.py"))
        .arg(port.to_string())
        .arg(folder.join("contacts.txt"))
        .env("SAYSO_SECRET", SECRET)
        .stdout(changes)
        .kill_on_drop(true)
        .spawn()?)
}

async fn changes(folder: &Path, count: usize) -> anyhow::Result<Vec<Value>> {
    wait::until("changes", async || {
        let text = fs::read_to_string(folder.join("changes.ndjson")).unwrap_or_default();
        let changes: Vec<Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        Ok((changes.len() >= count).then_some(changes))
    })
    .await
}

#[tokio::test]
async fn a_sink_is_told_after_a_crash_by_server_and_command_alike_and_once() -> anyhow::Result<()> {
    let port = Port::free()?;
    let sink = format!(
        "[{{name=\"crm\",url=\"http://127.0.0.1:{}/hook\",secret=\"{SECRET}\",allow_private=true}}]",
        port.number()
    );
    let mut sayso = Sayso::with(&[], &[("SAYSO_SINK", &sink)]).await?;
    let folder = sayso.folder().to_owned();
    // Nobody listens yet: the objection is acknowledged, the process dies, the event must survive.
    let (status, _) = sayso.object("jane@client.example", json!({})).await?;
    assert_eq!(status, 202);
    sayso.kill().await?;
    let command = [
        "object",
        "joe@client.example",
        "--purpose",
        "all",
        "--evidence",
        "call",
    ];
    let told = sayso.run(&command).await?;
    assert_eq!(told.code, 0, "{}", told.error);
    let _receiver = receiver(port.number(), &folder)?;
    sayso.restart().await?;
    let retried = sayso.run(&["sink", "retry", "crm"]).await?;
    assert_eq!(retried.code, 0, "{}", retried.error);
    let mut told = changes(&folder, 3).await?;
    told.sort_by_key(|change| change["seq"].as_u64());
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["address"], "Jane@client.example");
    assert_eq!(told[1]["address"], "joe@client.example");
    assert_eq!(told[2]["address"], "joe+news@client.example");
    assert!(
        told.iter()
            .all(|change| change["act"] == "objected" && change["for_good"] == true)
    );
    let listed = wait::until("the sink to be told", async || {
        let listed = sayso.run(&["sink", "list", "--json"]).await?;
        let state: Value = serde_json::from_str(&listed.output)?;
        let state = state["sinks"][0].clone();
        Ok((state["waiting"] == 0).then_some(state))
    })
    .await?;
    assert_eq!(
        (&listed["told"], &listed["late"]),
        (&json!(2), &json!(false))
    );
    Ok(())
}
