//! Where the files of a scrub go: links are followed, devices and pipes stay what they are.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::deployment::{Deployment, Ended};
use crate::replaying::{list, object, scrubbed};

const NOWHERE: &str = "/dev/null";

/// A scrub of ann, who objected, and bob into these files.
fn scrub(deployment: &Deployment, [kept, withheld, certificate]: [&Path; 3]) -> Ended {
    object(deployment, "ann");
    let input = deployment.file("list.csv");
    fs::write(&input, list(&["ann", "bob"])).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    deployment.run(&[
        "scrub",
        &text(&input),
        "--purpose",
        "info_about_us",
        "--kept",
        &text(kept),
        "--withheld",
        &text(withheld),
        "--certificate",
        &text(certificate),
    ])
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[track_caller]
fn is_nowhere() {
    let null = fs::symlink_metadata(NOWHERE).unwrap();
    assert!(null.file_type().is_char_device());
}

#[test]
fn rows_that_nobody_needs_go_nowhere_and_the_null_device_stays() {
    let deployment = Deployment::published();
    let (kept, certificate) = (deployment.file("kept"), deployment.file("certificate"));
    let link = deployment.file("link");
    symlink(NOWHERE, &link).unwrap();
    // First by a link, which is all that is lost where this fails.
    for nowhere in [&*link, Path::new(NOWHERE)] {
        scrub(&deployment, [&kept, nowhere, &certificate]).with(0);
        assert_eq!(fs::read_link(&link).unwrap(), Path::new(NOWHERE));
        is_nowhere();
        assert_eq!(read(&kept), list(&["bob"]));
        assert!(certificate.exists());
    }
    let nowhere = Path::new(NOWHERE);
    let counted = scrub(&deployment, [nowhere; 3]).with(0);
    assert!(counted.output.contains("1 kept, 1 withheld"), "{counted:?}");
    is_nowhere();
    let files = scrubbed(&deployment, &list(&["ann", "bob"]), &[]);
    let since = ["scrub", &files[0], "--since", &files[1], "--withheld"];
    deployment.run(&[&since[..], &[NOWHERE]].concat()).with(0);
    is_nowhere();
}

#[test]
fn a_link_stays_and_the_file_that_it_leads_to_is_replaced() {
    let deployment = Deployment::published();
    let file = |name: &str| deployment.file(name);
    fs::create_dir(file("shared")).unwrap();
    fs::write(file("shared/kept"), "an older list").unwrap();
    let links = [
        ("kept", "shared/kept"),
        ("withheld", "further"),
        ("further", "shared/withheld"),
        ("certificate", "shared/certificate"),
    ];
    for (link, target) in links {
        symlink(target, file(link)).unwrap();
    }
    for _ in 0..2 {
        let files = [file("kept"), file("withheld"), file("certificate")];
        scrub(&deployment, files.each_ref().map(AsRef::as_ref)).with(0);
        for (link, target) in links {
            assert_eq!(fs::read_link(file(link)).unwrap(), Path::new(target));
        }
        assert_eq!(read(&file("shared/kept")), list(&["bob"]));
        assert!(read(&file("shared/withheld")).contains("ann@client.example,objected"));
        assert!(read(&file("shared/certificate")).contains("valid_until"));
    }
}

#[test]
fn two_names_of_one_file_are_refused_also_before_it_is_there() {
    let deployment = Deployment::published();
    let file = |name: &str| deployment.file(name);
    symlink("withheld", file("kept")).unwrap();
    let files = [file("kept"), file("withheld"), file("certificate")];
    let refused = scrub(&deployment, files.each_ref().map(AsRef::as_ref)).with(1);
    assert!(refused.error.contains("named twice"), "{refused:?}");
    assert!(!file("withheld").exists());
    symlink("circle", file("circle")).unwrap();
    let files = [file("circle"), file("withheld"), file("certificate")];
    let refused = scrub(&deployment, files.each_ref().map(AsRef::as_ref)).with(1);
    assert!(refused.error.contains("cannot be written"), "{refused:?}");
    assert!(!file("withheld").exists() && !file("certificate").exists());
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_and_stays() {
    let deployment = Deployment::published();
    let pipe = deployment.file("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let others = ["one", "other"].map(|name| deployment.file(name));
    let [one, other] = others.each_ref().map(AsRef::as_ref);
    for files in [
        [&*pipe, one, other],
        [one, &pipe, other],
        [one, other, &pipe],
    ] {
        let refused = scrub(&deployment, files).with(1);
        assert!(refused.error.contains("name a file"), "{refused:?}");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        assert!(!one.exists() && !other.exists());
    }
}
