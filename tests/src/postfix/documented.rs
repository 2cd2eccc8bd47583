//! What the operations page shows for Postfix, so that it is tried as it stands there.

use anyhow::Context as _;

/// What the operations page shows from behind the line with `from` up to `to`.
fn shown(from: &str, to: &str) -> Option<String> {
    let (_, rest) = include_str!("../../../docs/OPERATIONS.md").split_once(from)?;
    let (_, rest) = rest.split_once('\n')?;
    Some(rest.split_once(to)?.0.to_owned())
}

/// The lines of `master.cf` and of `main.cf` that the operations page shows for the mailboxes.
pub(super) fn mailboxes() -> anyhow::Result<(String, String)> {
    let from = "# /etc/postfix/main.cf: the two mailboxes";
    let master = shown("# /etc/postfix/master.cf: what takes", from);
    let main = shown(from, "```");
    master
        .zip(main)
        .context("docs/OPERATIONS.md shows no mailboxes for Postfix")
}

/// The lines of `main.cf` and of `master.cf`, these without the port, that the operations page shows
/// for the gate.
pub(super) fn gate() -> anyhow::Result<(String, String)> {
    let main = shown(
        "# /etc/postfix/main.cf: the gate",
        "# /etc/postfix/master.cf",
    );
    let master = shown("# /etc/postfix/master.cf: the port", "```");
    let master = master.and_then(|lines| Some(lines.strip_prefix("10025 ")?.to_owned()));
    main.zip(master)
        .context("docs/OPERATIONS.md shows no gate for Postfix")
}
