//! No address at rest in the clear: not in the database, its write-ahead log, the log or the answers.

use std::fs;
use std::path::{Path, PathBuf};

use e2e::Sayso;
use e2e::sayso::{NOTICE, PURPOSE};
use serde_json::json;

/// Long and odd, so that chance cannot produce them.
const LOCAL: [&str; 4] = [
    "quixotic.zebra",
    "waltz+nymph",
    "vexed_sphinx",
    "jumbled-fjord",
];
const DOMAIN: &str = "blackquartz.example";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[tokio::test]
async fn no_address_is_found_in_any_file_after_a_run() -> anyhow::Result<()> {
    let mut sayso =
        Sayso::with(&[], &[("SAYSO_RATE_LIMIT", "off"), ("SAYSO_LOG", "debug")]).await?;
    let key = sayso.key("gate:check").await?;
    let address = |local: &str| format!("{local}@{DOMAIN}");
    for local in LOCAL {
        let (status, answer) = sayso.object(&address(local), json!({})).await?;
        assert_eq!(status, 202, "{answer}");
        assert!(!answer.to_string().contains(DOMAIN), "{answer}");
        sayso.decide(&key, &address(local)).await?;
    }
    let (status, _) = sayso
        .object(&format!("{}@@{DOMAIN}", LOCAL[0]), json!({}))
        .await?;
    assert!(status.is_client_error());
    let (status, _) = sayso
        .object(&address(LOCAL[1]), json!({"topic": "no_such_topic"}))
        .await?;
    assert!(status.is_client_error());
    let form = format!("notice={NOTICE}&address={}%40{DOMAIN}", LOCAL[2]);
    let client = reqwest::Client::new();
    let posted = client
        .post(sayso.url("/object"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    assert_eq!(posted.send().await?.status(), 200);
    let staff = sayso
        .run(&[
            "object",
            &address(LOCAL[3]),
            "--purpose",
            PURPOSE,
            "--evidence",
            "by telephone",
        ])
        .await?;
    assert_eq!(staff.code, 0, "{staff:?}");
    assert_eq!(sayso.check(&address(LOCAL[0]), &[]).await?.0, 3);

    // Killed, so that nothing is tidied up on the way out.
    sayso.kill().await?;
    let folder = sayso
        .data()
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default();
    let files = below(&folder)?;
    assert!(
        files
            .iter()
            .any(|path| path.to_string_lossy().ends_with("-wal")),
        "{files:?}"
    );
    assert!(
        files.iter().any(|path| path.ends_with("sayso.log")),
        "{files:?}"
    );
    for path in files {
        let bytes = fs::read(&path)?;
        for word in LOCAL
            .iter()
            .flat_map(|local| [(*local).to_owned(), address(local)])
            .chain([DOMAIN.to_owned()])
        {
            for (how, needle) in disguises(&word) {
                assert!(
                    !contains(&bytes, &needle),
                    "{word} as {how} in {}",
                    path.display()
                );
            }
        }
    }
    Ok(())
}

#[test]
fn the_search_finds_what_is_there() {
    for (how, needle) in disguises("waltz+nymph@blackquartz.example") {
        let hidden = [b"before".as_slice(), &needle, b"after"].concat();
        assert!(contains(&hidden, &needle), "{how}");
    }
    let base64 = disguises("vexed_sphinx")
        .into_iter()
        .filter(|(how, _)| how.starts_with("base64"));
    let inside = b"AAAAdmV4ZWRfc3BoaW54AAAA";
    assert!(
        base64
            .into_iter()
            .any(|(_, needle)| contains(inside, &needle))
    );
}

/// The word as text, capitals, hexadecimal, UTF-16 and base64 at each of the three offsets.
fn disguises(word: &str) -> Vec<(String, Vec<u8>)> {
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    let wide = |bytes: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(bytes).collect();
    let mut all = vec![
        ("text".to_owned(), word.as_bytes().to_vec()),
        ("capitals".to_owned(), word.to_uppercase().into_bytes()),
        (
            "percent".to_owned(),
            word.replace('@', "%40").replace('+', "%2B").into_bytes(),
        ),
        ("hexadecimal".to_owned(), hex.clone().into_bytes()),
        (
            "hexadecimal in capitals".to_owned(),
            hex.to_uppercase().into_bytes(),
        ),
        (
            "UTF-16, little end first".to_owned(),
            wide(u16::to_le_bytes),
        ),
        ("UTF-16, big end first".to_owned(), wide(u16::to_be_bytes)),
    ];
    all.extend((0..3).map(|offset| (format!("base64 at {offset}"), base64(word, offset))));
    all
}

/// The part of the base64 text that depends on the word alone, when it starts at this offset.
fn base64(word: &str, offset: usize) -> Vec<u8> {
    let bytes: Vec<u8> = std::iter::repeat_n(0, offset).chain(word.bytes()).collect();
    let groups = bytes.chunks_exact(3).skip(offset.min(1));
    let text = groups.flat_map(|group| {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        [18, 12, 6, 0].map(|shift| BASE64[(bits >> shift & 63) as usize])
    });
    text.collect()
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("mail") {
            // Letters that were delivered: a demonstration's mailboxes are files.
            continue;
        }
        if path.is_dir() {
            files.extend(below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
