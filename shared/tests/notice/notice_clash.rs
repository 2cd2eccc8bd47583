//! Purpose keys are one set for the whole deployment.

use shared::notice::NoticeKey;
use shared::notice::clash::ClashAbout;
use shared::notice::defect::refuses;
use shared::purpose::PurposeClass;

use super::notice;

#[test]
fn a_purpose_must_be_the_same_in_every_notice_in_force() {
    let [mine, mut other] = [notice(), notice()];
    other.key = NoticeKey::parse("website-visitors").unwrap();
    assert_eq!(mine.compatible(&other), Ok(()));
    other.purposes[0].class = PurposeClass::Other;
    other.purposes[1].bases.clear();
    other.purposes[3].topics.pop();
    other.purposes.remove(2);
    let clashes = mine.compatible(&other).unwrap_err();
    let about: Vec<_> = clashes.iter().map(|clash| clash.about).collect();
    assert_eq!(
        about,
        [ClashAbout::Class, ClashAbout::Bases, ClashAbout::Topics]
    );
    let defect = clashes[0].defect();
    assert!(refuses(std::slice::from_ref(&defect)));
    assert!(defect.to_string().contains("website-visitors"));
}
