//! Kinds of standings: those of the image, and those of addresses that are known as several subjects.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};
use shared::standing::Standing;

use crate::store::image::{Image, Kind};

/// The kinds that one judge knows.
pub(super) struct Kinds {
    image: Arc<Image>,
    /// Those that the image has not: numbered after its own.
    joined: Vec<Standing>,
    known: HashMap<(Kind, Kind), Kind>,
}

impl Kinds {
    pub(super) fn new(image: Arc<Image>) -> Self {
        Self {
            image,
            joined: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The standing of that kind.
    pub(super) fn standing(&self, kind: Kind) -> &Standing {
        match kind.checked_sub(self.image.kinds()) {
            Some(place) => &self.joined[place as usize],
            None => self.image.standing(kind),
        }
    }

    /// The kind of an address that is found as both of these.
    pub(super) fn both(&mut self, one: Option<Kind>, other: Option<Kind>) -> Option<Kind> {
        match (one, other) {
            (Some(one), Some(other)) if one != other => Some(self.join(one, other)),
            _ => one.or(other),
        }
    }

    fn join(&mut self, one: Kind, other: Kind) -> Kind {
        if let Some(kind) = self.known.get(&(one, other)) {
            return *kind;
        }
        let standing = self.standing(one).joined(self.standing(other));
        let next = Kind::try_from(self.joined.len()).expect("fewer kinds than 2^32");
        let kind = self.image.kinds() + next;
        self.joined.push(standing);
        self.known.insert((one, other), kind);
        kind
    }
}
