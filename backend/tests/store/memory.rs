//! What a server keeps in memory is what the database says: at every answer, whoever wrote.

use backend::store::erasure::Erase as _;
use backend::store::sqlite::{Options, Sqlite};
use backend::store::{Keys, NewAct, Read as _, Snapshot, StoreError, Write as _};
use proptest::prelude::*;
use shared::entry::{Act, Assurance};
use shared::purpose::PurposeKey;
use shared::rules::Rules;
use shared::scope::Scope;
use uuid::Uuid;

use crate::engine::{Engine as _, SqliteFile};
use crate::erasure::erasure;
use crate::given::{NOW, act, entry, key, objection, subject};
use crate::publication;

/// Addresses that are written about, and one more that is not.
const ADDRESSES: u64 = 6;

/// Something that happens to the store.
#[derive(Debug, Clone)]
enum Step {
    /// The address says something, by the server or by a command beside it.
    Says {
        address: u64,
        act: Act,
        of_all: bool,
        refers_to: u64,
        known: Generations,
        by_command: bool,
    },
    /// They are erased; forgotten where nothing restricts.
    Erased {
        address: u64,
        known: Generations,
        by_command: bool,
    },
    /// So many others object at once.
    Many(u64),
    /// Other rules are put in force.
    Rules,
    /// Everybody is in memory before anything else happens.
    Settles,
    /// The server starts again.
    Restarts,
}

/// The generations of the pepper that somebody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generations {
    /// Before the rotation.
    Older,
    /// After it.
    Both,
    /// The older one was left out.
    Newer,
}

use Generations::{Both, Newer, Older};

fn step() -> impl Strategy<Value = Step> {
    let acts = vec![
        Act::Objected,
        Act::Retracted,
        Act::ConsentGiven,
        Act::ConsentWithdrawn,
        Act::NoticeProvided,
        Act::Bounced,
    ];
    let says = (
        0..ADDRESSES,
        prop::sample::select(acts),
        any::<bool>(),
        1..40_u64,
        generations(),
        any::<bool>(),
    )
        .prop_map(
            |(address, act, of_all, refers_to, known, by_command)| Step::Says {
                address,
                act,
                of_all,
                refers_to,
                known,
                by_command,
            },
        );
    let erased =
        (0..ADDRESSES, generations(), any::<bool>()).prop_map(|(address, known, by_command)| {
            Step::Erased {
                address,
                known,
                by_command,
            }
        });
    prop_oneof![
        8 => says,
        2 => erased,
        1 => (1..1_500_u64).prop_map(Step::Many),
        1 => Just(Step::Rules),
        1 => Just(Step::Settles),
        1 => Just(Step::Restarts),
    ]
}

fn generations() -> impl Strategy<Value = Generations> {
    prop::sample::select(vec![Older, Both, Newer])
}

/// The address under those generations of the pepper, the newer one first.
fn keys(address: u64, known: Generations) -> Keys {
    let (older, newer) = (key(1, address), key(2, address));
    Keys(match known {
        Older => vec![older],
        Both => vec![newer, older],
        Newer => vec![newer],
    })
}

/// A file, the server that has it open, and a command beside it.
struct Stores {
    file: SqliteFile,
    server: Option<Sqlite>,
    command: Sqlite,
    last_id: u64,
    rules: u64,
}

impl Stores {
    fn open() -> Self {
        let file = SqliteFile::fresh();
        let open = |options| Sqlite::open(&file.path(), options).unwrap();
        Self {
            server: Some(open(Options::service())),
            command: open(Options::command()),
            file,
            last_id: 0,
            rules: 0,
        }
    }

    fn server(&self) -> &Sqlite {
        self.server.as_ref().unwrap()
    }

    fn writer(&self, by_command: bool) -> &Sqlite {
        match by_command {
            true => &self.command,
            false => self.server(),
        }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Whose the address is, by what the database says.
    async fn owner(&self, keys: &Keys) -> Option<Uuid> {
        let found = self.command.look_up(std::slice::from_ref(keys)).await;
        let [known] = found.unwrap().known.try_into().unwrap();
        known.map(|known| known.subject)
    }

    async fn take(&mut self, step: Step) {
        let id = self.next_id();
        match step {
            Step::Says {
                address,
                act: kind,
                of_all,
                refers_to,
                known,
                by_command,
            } => {
                let keys = keys(address, known);
                let owner = self.owner(&keys).await;
                // Somebody who was forgotten comes back as another.
                let mut said = entry(owner.unwrap_or_else(|| subject(1_000 + id)), id, kind);
                said.evidence.assurance = Assurance::LinkVerified;
                said.refers_to = vec![Uuid::from_u128(u128::from(refers_to))];
                if !of_all {
                    said.scope = Scope {
                        purpose: Some(PurposeKey::parse("news").unwrap()),
                        ..Scope::ALL
                    };
                }
                let done = self.writer(by_command).append(act(keys, vec![said])).await;
                done.unwrap();
            }
            Step::Erased {
                address,
                known,
                by_command,
            } => {
                let mut keys = keys(address, known);
                keys.0.truncate(1);
                let found = self.command.look_up(&[keys]).await.unwrap();
                let Some(known) = &found.known[0] else { return };
                let stays = known.standing.stays(NOW);
                let mut erasure = erasure(0, id, &[]);
                erasure.subject = known.subject;
                let mut erased = erasure.entry.entry.clone();
                erased.subject = known.subject;
                erasure.forgets = stays.is_empty();
                erased.stays = stays;
                erasure.entry = crate::given::sealed(erased);
                self.writer(by_command).erase(erasure).await.unwrap();
            }
            Step::Many(count) => {
                let other = |number| objection(1_000_000 * id + number, 1_000_000 * id + number);
                let acts: Vec<NewAct> = (0..count).map(other).collect();
                self.command.append_all(acts).await.unwrap();
            }
            Step::Rules => {
                let before = self.command.look_up(&[]).await.unwrap().rules;
                self.rules += 1;
                let domain = format!("{}.example", self.rules);
                let rules = Rules {
                    consumer_domains: [domain].into(),
                    ..publication::rules(&[])
                };
                let before = before.map(|stored| stored.digest);
                self.command.put_rules(before, rules, NOW).await.unwrap();
            }
            Step::Settles => self.server().settle(),
            Step::Restarts => {
                self.server = None;
                self.server = Some(Sqlite::open(&self.file.path(), Options::service()).unwrap());
            }
        }
    }

    async fn compare(&self, step: &Step) {
        let asked: Vec<Keys> = (0..=ADDRESSES)
            .flat_map(|address| [Older, Both, Newer].map(|known| keys(address, known)))
            .collect();
        let told = self.server().look_up(&asked).await.unwrap();
        let known = self.command.look_up(&asked).await.unwrap();
        let parts = |one: Snapshot| (one.as_of, one.rules, one.known);
        assert_eq!(parts(told), parts(known), "after {step:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_in_memory_is_who_the_database_knows() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));
    let check = |steps: Vec<Step>| {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let mut stores = Stores::open();
                for step in steps {
                    stores.take(step.clone()).await;
                    stores.compare(&step).await;
                }
            });
        });
        Ok(())
    };
    runner
        .run(&prop::collection::vec(step(), 1..40), check)
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_outgrows_its_memory_answers_all_the_same() -> Result<(), StoreError> {
    let file = SqliteFile::fresh();
    let options = Options {
        memory: 64 << 10,
        ..Options::service()
    };
    let (server, command) = (
        Sqlite::open(&file.path(), options)?,
        Sqlite::open(&file.path(), Options::command())?,
    );
    server.settle();
    for part in 0..5 {
        let acts = (0..1_000).map(|number| objection(1_000 * part + number, 1_000 * part + number));
        command.append_all(acts.collect()).await?;
        let asked: Vec<Keys> = (0..5_001).map(|number| keys(number, Older)).collect();
        let (told, known) = (
            server.look_up(&asked).await?,
            command.look_up(&asked).await?,
        );
        assert_eq!((told.as_of, told.known), (known.as_of, known.known));
    }
    Ok(())
}
