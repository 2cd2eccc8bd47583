//! The verdicts of a list, counted and hashed as they come: what a certificate keeps of them.
//!
//! The codes are the leaves of an RFC 9162 tree, 64 to a leaf. The certificate holds the tree's head
//! and the beginning of the hash of every block, so that a verdict that came out differently can be
//! looked for in one small block. Blocks of a short list have 64 rows; they double until they are few.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Counts;
use super::verdict::Verdict;
use crate::digest::Digest;

/// Verdicts in one leaf.
pub const LEAF: usize = 64;
/// Blocks in a certificate at most; one more makes all of them twice as large.
const MOST: usize = 8192;

type Hash = [u8; 32];

/// The verdicts of a list as a certificate holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdicts {
    /// The first 8 bytes of the hash of every block, in order, in base64.
    pub blocks: Blocks,
    /// The head of the tree: the SHA-256 that names all verdicts in their order.
    pub head: Digest,
    /// Rows in a block: 64, or 64 doubled as often as needed. The last one may have fewer.
    pub rows_per_block: u64,
}

/// The beginnings of the hashes of all blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Blocks(Vec<Block>);

/// The first 8 bytes of the tree hash of one block's verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block([u8; 8]);

/// A text that is no series of blocks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the blocks are base64 of 8 bytes each")]
pub struct InvalidBlocks;

impl Verdicts {
    /// The blocks, in the order of the list.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks.0
    }

    /// Whether it can be about a list of that many rows.
    #[must_use]
    pub fn fits(&self, rows: u64) -> bool {
        let leaves = self.rows_per_block / LEAF as u64;
        self.rows_per_block.is_multiple_of(LEAF as u64)
            && leaves.is_power_of_two()
            && rows.div_ceil(self.rows_per_block) == self.blocks.0.len() as u64
    }
}

impl Block {
    /// The block of these verdicts.
    #[must_use]
    pub fn of(verdicts: &[Verdict]) -> Self {
        let mut tree = Tree::default();
        for leaf in verdicts.chunks(LEAF) {
            let mut codes = [0; LEAF];
            for (code, verdict) in codes.iter_mut().zip(leaf) {
                *code = verdict.code();
            }
            tree.add(leaf_hash(&codes[..leaf.len()]));
        }
        Self::from_hash(&tree.head())
    }

    fn from_hash(hash: &Hash) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Self(first)
    }
}

/// Takes in verdicts in the order of the list. Its size does not grow with the list's.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Rows by code.
    rows: [u64; 256],
    /// The codes of the leaf that is not full yet.
    leaf: [u8; LEAF],
    filled: usize,
    /// The hashes of full blocks.
    blocks: Vec<Hash>,
    leaves_per_block: usize,
    /// The block that is not full yet.
    open: Tree,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            rows: [0; 256],
            leaf: [0; LEAF],
            filled: 0,
            blocks: Vec::new(),
            leaves_per_block: 1,
            open: Tree::default(),
        }
    }
}

impl Tally {
    /// Takes in the verdicts of the next rows.
    pub fn extend(&mut self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            self.rows[usize::from(verdict.code())] += 1;
            self.leaf[self.filled] = verdict.code();
            self.filled += 1;
            if self.filled == LEAF {
                self.filled = 0;
                self.add_leaf(leaf_hash(&self.leaf));
            }
        }
    }

    /// What the certificate holds, once all rows are in.
    #[must_use]
    pub fn finish(mut self, duplicates: Option<u64>) -> (Counts, Verdicts) {
        if self.filled > 0 {
            self.add_leaf(leaf_hash(&self.leaf[..self.filled]));
        }
        if self.open.leaves > 0 {
            self.blocks.push(self.open.head());
        }
        let mut whole = Tree::default();
        for block in &self.blocks {
            whole.add(*block);
        }
        let verdicts = Verdicts {
            blocks: Blocks(self.blocks.iter().map(Block::from_hash).collect()),
            head: Digest::from_bytes(whole.head()),
            rows_per_block: (LEAF * self.leaves_per_block) as u64,
        };
        (self.counts(duplicates), verdicts)
    }

    fn add_leaf(&mut self, hash: Hash) {
        if self.open.leaves == 0 && self.blocks.len() == MOST {
            let pairs = self.blocks.chunks_exact(2);
            self.blocks = pairs.map(|pair| node_hash(&pair[0], &pair[1])).collect();
            self.leaves_per_block *= 2;
        }
        self.open.add(hash);
        if self.open.leaves == self.leaves_per_block {
            self.blocks.push(self.open.head());
            self.open = Tree::default();
        }
    }

    fn counts(&self, duplicates: Option<u64>) -> Counts {
        let mut counts = Counts {
            duplicates,
            kept: 0,
            reasons: BTreeMap::new(),
            to_inform: 0,
            withheld: 0,
        };
        for verdict in Verdict::all() {
            let rows = self.rows[usize::from(verdict.code())];
            if rows == 0 {
                continue;
            }
            *counts.reasons.entry(verdict.reason()).or_default() += rows;
            if verdict.proceeds() {
                counts.kept += rows;
            } else {
                counts.withheld += rows;
            }
            if verdict.informs() {
                counts.to_inform += rows;
            }
        }
        counts
    }
}

/// An RFC 9162 tree that grows at its end: the hashes of its full subtrees, the largest first.
#[derive(Debug, Clone, Default)]
struct Tree {
    full: Vec<Hash>,
    leaves: usize,
}

impl Tree {
    fn add(&mut self, mut hash: Hash) {
        let mut size = self.leaves;
        while size & 1 == 1 {
            let left = self.full.pop().unwrap_or_default();
            hash = node_hash(&left, &hash);
            size >>= 1;
        }
        self.full.push(hash);
        self.leaves += 1;
    }

    fn head(&self) -> Hash {
        let mut rest = self.full.iter().rev();
        match rest.next() {
            None => Sha256::digest(b"").into(),
            Some(last) => rest.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

fn leaf_hash(codes: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(codes);
    hash.finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

impl TryFrom<String> for Blocks {
    type Error = InvalidBlocks;

    fn try_from(text: String) -> Result<Self, InvalidBlocks> {
        let bytes = BASE64_STANDARD_NO_PAD
            .decode(text)
            .map_err(|_| InvalidBlocks)?;
        let (blocks, rest) = bytes.as_chunks::<8>();
        if rest.is_empty() {
            Ok(Self(blocks.iter().copied().map(Block).collect()))
        } else {
            Err(InvalidBlocks)
        }
    }
}

impl From<Blocks> for String {
    fn from(blocks: Blocks) -> Self {
        let bytes: Vec<u8> = blocks.0.iter().flat_map(|block| block.0).collect();
        BASE64_STANDARD_NO_PAD.encode(bytes)
    }
}
