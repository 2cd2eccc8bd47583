//! HMAC-SHA-256 (RFC 2104) of many short messages under one key, where the time counts: the two blocks
//! that hold the key are hashed once, so that a message as short as most addresses takes two more.

use sha2::block_api::compress256;

/// Bytes of a block of SHA-256.
pub(super) const BLOCK: usize = 64;
/// Where the length of what was hashed stands in the last block.
const LENGTH: usize = BLOCK - 8;
/// The state that SHA-256 begins with (FIPS 180-4, 5.3.3).
const START: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// What the inner hash makes of a message, for the outer one: all but the message.
const AROUND_HASH: Block = frame(&[], HASH);
/// Bytes of a hash.
const HASH: usize = 32;

pub(super) type Block = [u8; BLOCK];
type State = [u32; 8];
type Hash = [u8; HASH];

/// The longest message that fits into one block behind a prefix of that length.
pub(super) const fn longest(prefix: usize) -> usize {
    LENGTH - 1 - prefix
}

/// What stands around messages of each length, from 0 on, in the one block that they fit into.
pub(super) const fn frames<const COUNT: usize>(prefix: &[u8]) -> [Block; COUNT] {
    let mut frames = [[0; BLOCK]; COUNT];
    let mut length = 0;
    while length < COUNT {
        frames[length] = frame(prefix, length);
        length += 1;
    }
    frames
}

/// A block behind the one of the key: the prefix, zeros where the message stands, and the padding.
const fn frame(prefix: &[u8], length: usize) -> Block {
    assert!(length <= longest(prefix.len()), "it takes one block");
    let mut frame = [0; BLOCK];
    let (start, _) = frame.split_at_mut(prefix.len());
    start.copy_from_slice(prefix);
    frame[prefix.len() + length] = 0x80;
    let bits = 8 * (BLOCK + prefix.len() + length);
    frame[BLOCK - 2] = (bits >> 8) as u8;
    frame[BLOCK - 1] = bits as u8;
    frame
}

/// A key, with the state of SHA-256 behind each of its two blocks.
#[derive(Clone)]
pub(super) struct Mac {
    inner: State,
    outer: State,
}

impl Mac {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let behind = |pad: u8| {
            let mut block = [pad; BLOCK];
            for (byte, secret) in block.iter_mut().zip(key) {
                *byte ^= secret;
            }
            let mut state = START;
            compress256(&mut state, &[block]);
            state
        };
        Self {
            inner: behind(0x36),
            outer: behind(0x5c),
        }
    }

    /// The HMAC of the message that these two are, one after the other; `prefix` is shorter than a block.
    pub(super) fn of(&self, prefix: &[u8], message: &[u8]) -> Hash {
        self.outer(&self.inner(prefix, message))
    }

    /// The first half of [`Mac::of`].
    #[inline]
    pub(super) fn inner(&self, prefix: &[u8], message: &[u8]) -> Hash {
        hash(self.inner, prefix, message)
    }

    /// The same for a message that stands in its frame.
    #[inline]
    pub(super) fn inner_block(&self, block: &Block) -> Hash {
        hash_block(self.inner, block)
    }

    /// The second half of [`Mac::of`].
    #[inline]
    pub(super) fn outer(&self, inner: &Hash) -> Hash {
        let mut block = AROUND_HASH;
        block[..HASH].copy_from_slice(inner);
        hash_block(self.outer, &block)
    }
}

/// Goes on with SHA-256 behind one block.
#[inline]
fn hash(mut state: State, prefix: &[u8], mut message: &[u8]) -> Hash {
    let bits = 8 * (BLOCK + prefix.len() + message.len()) as u64;
    let mut block = [0; BLOCK];
    let mut filled = prefix.len();
    block[..filled].copy_from_slice(prefix);
    while let Some((first, rest)) = message.split_at_checked(BLOCK - filled) {
        block[filled..].copy_from_slice(first);
        compress256(&mut state, &[block]);
        (block, filled, message) = ([0; BLOCK], 0, rest);
    }
    block[filled..filled + message.len()].copy_from_slice(message);
    filled += message.len();
    block[filled] = 0x80;
    if filled >= LENGTH {
        compress256(&mut state, &[block]);
        block = [0; BLOCK];
    }
    block[LENGTH..].copy_from_slice(&bits.to_be_bytes());
    hash_block(state, &block)
}

/// What the last block makes of the state.
#[inline]
fn hash_block(mut state: State, block: &Block) -> Hash {
    compress256(&mut state, std::slice::from_ref(block));
    let mut hash = [0; HASH];
    for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::Mac;

    proptest! {
        #[test]
        fn it_is_hmac_sha_256(
            key: [u8; 32],
            prefix in prop::collection::vec(any::<u8>(), 0..64),
            message in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut theirs = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            theirs.update(&prefix);
            theirs.update(&message);
            let theirs: [u8; 32] = theirs.finalize().into_bytes().into();
            prop_assert_eq!(Mac::new(&key).of(&prefix, &message), theirs);
        }
    }

    #[test]
    fn every_length_is_padded_as_hmac_sha_256_is() {
        for length in 0..300 {
            let message = vec![7; length];
            let mut theirs = Hmac::<Sha256>::new_from_slice(&[9; 32]).expect("any length");
            theirs.update(&message);
            let theirs: [u8; 32] = theirs.finalize().into_bytes().into();
            assert_eq!(Mac::new(&[9; 32]).of(&[], &message), theirs, "{length}");
        }
    }
}
