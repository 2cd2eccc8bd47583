//! Lists of any shape: every row ends in exactly one place, with the bytes that it came with and the
//! verdict that the gate gives for its address.

use std::io::Cursor;
use std::sync::Arc;

use backend::gate::{Check, Gate};
use backend::scrub::{Added, Order, Render, Scrub};
use backend::table::{Block, Table};
use csv::{QuoteStyle, ReaderBuilder, Terminator, WriterBuilder};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use shared::address::Address;
use shared::decision::{Decision, Question, Stated};
use shared::facts::{Country, Subscriber};
use shared::purpose::{Channel, PurposeKey};

use crate::service::{PURPOSE, Service};

/// Addresses as lists have them: some objected, some are variants, some are none.
const ADDRESSES: [&str; 14] = [
    "jane@client.example",
    "Jane@CLIENT.example",
    " jane@client.example ",
    "jane+news@client.example",
    "topic@client.example",
    "paused@client.example",
    "ford@b\u{fc}cher.example",
    "ren\u{e9}@client.example",
    "bob@client.example",
    "bob+jane@client.example",
    "someone@gmail.com",
    "all@objecting.example",
    "nobody",
    "",
];

/// How a list is written.
#[derive(Debug, Clone)]
struct Style {
    delimiter: u8,
    quotes: QuoteStyle,
    end: &'static [u8],
    encoding: Encoding,
    has_header: bool,
    ends_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Marked,
    Windows,
    Le,
    Be,
}

impl Encoding {
    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Marked => format!("\u{feff}{text}").into_bytes(),
            Self::Windows => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
            Self::Le => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
            Self::Be => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect(),
        }
    }

    fn decode(self, bytes: &[u8]) -> String {
        let units = |unit: fn([u8; 2]) -> u16| -> Vec<u16> {
            bytes.chunks(2).map(|two| unit([two[0], two[1]])).collect()
        };
        let text = match self {
            Self::Utf8 | Self::Marked => String::from_utf8(bytes.to_vec()).unwrap(),
            Self::Windows => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
            Self::Le => String::from_utf16(&units(u16::from_le_bytes)).unwrap(),
            Self::Be => String::from_utf16(&units(u16::from_be_bytes)).unwrap(),
        };
        text.trim_start_matches('\u{feff}').to_owned()
    }
}

fn styles() -> impl Strategy<Value = Style> {
    (
        select(b",;\t|".as_slice()),
        select(vec![QuoteStyle::Always, QuoteStyle::Necessary]),
        select(vec![&b"\n"[..], b"\r\n", b"\r"]),
        select(vec![
            Encoding::Utf8,
            Encoding::Marked,
            Encoding::Windows,
            Encoding::Le,
            Encoding::Be,
        ]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(delimiter, quotes, end, encoding, has_header, ends_open)| Style {
                delimiter,
                quotes,
                end,
                encoding,
                has_header,
                ends_open,
            },
        )
}

fn rows() -> impl Strategy<Value = Vec<[String; 3]>> {
    let cell = "[a\u{e9},;|\t\"\r\n=]{0,6}";
    let row = (select(ADDRESSES.as_slice()), cell, cell)
        .prop_map(|(address, one, other)| [one, address.to_owned(), other]);
    prop::collection::vec(row, 1..24)
}

fn written(rows: &[Vec<String>], style: &Style) -> String {
    let end = match style.end {
        b"\r\n" => Terminator::CRLF,
        end => Terminator::Any(end[0]),
    };
    let mut writer = WriterBuilder::new()
        .delimiter(style.delimiter)
        .quote_style(style.quotes)
        .terminator(end)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    let mut text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    if style.ends_open {
        let whole = text.len() - style.end.len();
        text.truncate(whole);
    }
    text
}

fn parsed(text: &str, style: &Style) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new()
        .delimiter(style.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

/// The bytes of each row, as the table gives them.
fn raw(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(mut table) = Table::open(Cursor::new(bytes.to_vec())) else {
        return Vec::new();
    };
    let (mut block, mut all) = (Block::default(), Vec::new());
    while table.fill(&mut block).unwrap() {
        let mut rows = block.rows(table.format(), 0);
        while let Some(row) = rows.next() {
            all.push(row.whole.bytes().to_vec());
        }
    }
    all
}

/// A service where people did something.
async fn service() -> Service {
    let service = Service::start().await;
    service.object("jane@client.example").await;
    let topic = json!({"purpose": PURPOSE, "topic": "it_strategy"});
    service.object_to("topic@client.example", topic).await;
    let pause = json!({"purpose": PURPOSE, "until": "2027-01-01"});
    service.object_to("paused@client.example", pause).await;
    service.object("ford@b\u{fc}cher.example").await;
    let mut rules = service.rules();
    let before = rules.digest();
    rules
        .domain_objections
        .insert("objecting.example".to_owned(), false);
    let now = backend::clock::World::now(&*service.world);
    service
        .store
        .put_rules(Some(before), rules, now)
        .await
        .unwrap();
    service
}

pub(crate) fn question(stated: Stated) -> Question {
    Question {
        purpose: PurposeKey::parse(PURPOSE).ok(),
        topic: None,
        channel: Channel::Email,
        stated,
        first_contact: false,
    }
}

/// Both files, and the verdict of each row.
pub(crate) async fn scrubbed(
    service: &Service,
    list: &[u8],
    stated: Stated,
) -> (Vec<u8>, Vec<u8>, Vec<String>) {
    let mut table = Table::open(Cursor::new(list.to_vec())).unwrap();
    let order = Order {
        question: question(stated),
        address: Some("2".to_owned()),
        country: None,
        subscriber: None,
        all_repeats: false,
    };
    let now = backend::clock::World::now(&*service.world);
    let secrets = Arc::new(service.secrets.clone());
    let scrub = Scrub::prepare(&mut table, order, &*service.store, secrets, now)
        .await
        .unwrap();
    let render = Render::new(&table, Added::default()).unwrap();
    let (mut kept, mut withheld) = render.heads(&table);
    let mut numbers = Vec::new();
    scrub
        .run(&mut table, Some(&render), None, |part, _| {
            kept.extend_from_slice(&part.kept);
            withheld.extend_from_slice(&part.withheld);
            numbers.extend_from_slice(&part.outcomes);
            Ok(())
        })
        .unwrap();
    let outcomes = scrub.outcomes().all();
    let said = |number: &u16| outcomes[usize::from(*number)].reasons().join(" ");
    (kept, withheld, numbers.iter().map(said).collect())
}

/// What the gate says of each address by itself.
pub(crate) async fn decided(
    service: &Service,
    addresses: &[String],
    stated: Stated,
) -> Vec<String> {
    let secrets = Arc::new(service.secrets.clone());
    let gate = Gate::new(service.store.clone(), secrets);
    let check = |address: &String| Check {
        address: Address::parse(address).ok(),
        question: question(stated),
    };
    let checks: Vec<_> = addresses.iter().map(check).collect();
    let now = backend::clock::World::now(&*service.world);
    let answer = gate.decide(&checks, now).await.unwrap();
    let said = |decision: &Decision| match decision {
        Decision::Proceed { ground, .. } => ground.as_str().to_owned(),
        Decision::Withhold { reasons, .. } => reasons
            .iter()
            .map(|reason| reason.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    };
    answer.decisions.iter().map(said).collect()
}

#[test]
fn every_row_of_any_list_ends_in_one_place_unchanged_with_the_gates_verdict() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(service());
    let gb = Country::parse("GB").ok();
    let statements = [
        Stated::default(),
        Stated {
            country: Country::parse("DE").ok(),
            subscriber: None,
        },
        Stated {
            country: gb,
            subscriber: Some(Subscriber::Individual),
        },
    ];
    let config = ProptestConfig::with_cases(64);
    proptest!(config, |(rows in rows(), style in styles(), stated in select(statements.to_vec()))| {
        // An empty first row may not be told from a header, and a mark alone is no row.
        let mut all: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
        if style.has_header {
            all.insert(0, ["note", "email", "more"].map(str::to_owned).to_vec());
        } else {
            all.insert(0, ["", "first@client.example", "x"].map(str::to_owned).to_vec());
        }
        // What tells the delimiter: a list has addresses in it.
        all.push(["x", "last@client.example", "y"].map(str::to_owned).to_vec());
        let text = written(&all, &style);
        let list = style.encoding.encode(&text);
        let data = usize::from(style.has_header);
        let addresses: Vec<String> = all[data..].iter().map(|row| row[1].clone()).collect();

        let (kept, withheld, verdicts) =
            runtime.block_on(scrubbed(&service, &list, stated));
        let mut expected = runtime.block_on(decided(&service, &addresses, stated));
        if style.encoding == Encoding::Windows {
            // Which letters these are, nothing in the list says.
            let foreign = |(address, _): &(&String, &mut String)| !address.is_ascii();
            for (_, verdict) in addresses.iter().zip(&mut expected).filter(foreign) {
                *verdict = "invalid_address".to_owned();
            }
        }
        prop_assert_eq!(&verdicts, &expected);

        let [kept_text, withheld_text] =
            [&kept, &withheld].map(|file| style.encoding.decode(file));
        let (kept_rows, withheld_rows) = (parsed(&kept_text, &style), parsed(&withheld_text, &style));
        let (mut kept_rows, mut withheld_rows) = (kept_rows.into_iter(), withheld_rows.into_iter());
        if style.has_header {
            prop_assert_eq!(kept_rows.next(), Some(all[0].clone()));
            let head = [&all[0][..], &["sayso_reason".to_owned(), "sayso_line".to_owned()]].concat();
            prop_assert_eq!(withheld_rows.next(), Some(head));
        }
        let mut kept_raw = raw(&kept).into_iter();
        for ((row, bytes), verdict) in all[data..].iter().zip(raw(&list)).zip(&verdicts) {
            let proceeds = ["consent", "soft_opt_in", "legitimate_interest"].contains(&verdict.as_str());
            if proceeds {
                prop_assert_eq!(kept_rows.next(), Some(row.clone()));
                prop_assert_eq!(kept_raw.next(), Some(bytes));
            } else {
                let found = withheld_rows.next().expect("a withheld row");
                prop_assert_eq!(&found[..3], &row[..]);
                prop_assert_eq!(&found[3], verdict);
                prop_assert!(withheld.windows(bytes.len()).any(|window| window == bytes));
            }
        }
        prop_assert_eq!((kept_rows.next(), withheld_rows.next()), (None, None));
    });
}

#[tokio::test]
async fn the_image_of_a_whole_store_says_what_single_look_ups_say() {
    let service = service().await;
    let mut list = b"note,email,more\n".to_vec();
    let mut addresses = Vec::new();
    // Longer than what is looked up address by address.
    let note = "x".repeat(400);
    for number in 0..3_000 {
        let address = match number % 20 {
            place if place < 12 => ADDRESSES[place].to_owned(),
            _ => format!("contact-{number}@client.example"),
        };
        list.extend_from_slice(format!("{note},{address},y\n").as_bytes());
        addresses.push(address);
    }
    assert!(list.len() > 1024 * 1024);
    let stated = Stated::default();
    let (_, _, verdicts) = scrubbed(&service, &list, stated).await;
    let expected = decided(&service, &addresses, stated).await;
    assert!(verdicts == expected);
    assert!(expected.iter().any(|verdict| verdict == "objected"));
    assert!(expected.iter().any(|verdict| verdict == "domain_objected"));
}
