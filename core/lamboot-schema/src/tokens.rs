// SPDX-License-Identifier: MIT OR Apache-2.0
//! Enumerations whose values are public words.

/// Defines an enumeration in which each value is a word in stored documents.
///
/// The word stands once, beside its value and its meaning; from it come serialisation,
/// [`ALL`](crate::trust_log::Event::ALL) for references, and `token()`. A word that this release
/// does not know reads as `Unknown`.
macro_rules! tokens {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
            /// A word of a later release.
            Unknown,
        }

        impl $name {
            /// Every word that this release knows, with its meaning.
            pub const ALL: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$variant, $word, concat!($($doc),*)),)*];

            /// The value's public word.
            #[must_use]
            pub const fn token(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Unknown => "unknown",
                }
            }

            /// The value of a word.
            #[must_use]
            pub fn from_token(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    _ => Self::Unknown,
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.token())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                alloc::string::String::deserialize(deserializer).map(|word| Self::from_token(&word))
            }
        }
    };
}

pub(crate) use tokens;
