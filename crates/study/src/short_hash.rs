//! Hashes the short identities of simulations, analyses and policies.

/// 12 hex digits of BLAKE3 over `parts`, each preceded by its length.
pub(crate) fn short_hash(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..12].to_owned()
}
