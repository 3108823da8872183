// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands, by their numbers.

use core::fmt;

/// A command, by its number (`TPM_CC`; TPM 2.0 Library, part 2, 6.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommandCode(pub u32);

/// The commands that are sent from here, once for constants and names.
macro_rules! commands {
    ($($constant:ident = $number:literal, $name:literal;)*) => {
        impl CommandCode {
            $(#[doc = concat!("`", $name, "`.")] pub const $constant: Self = Self($number);)*

            /// The name in the specification: `TPM2_NV_Read`.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$constant => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

commands! {
    NV_UNDEFINE_SPACE = 0x122, "TPM2_NV_UndefineSpace";
    NV_DEFINE_SPACE = 0x12A, "TPM2_NV_DefineSpace";
    CREATE_PRIMARY = 0x131, "TPM2_CreatePrimary";
    NV_INCREMENT = 0x134, "TPM2_NV_Increment";
    NV_WRITE = 0x137, "TPM2_NV_Write";
    NV_WRITE_LOCK = 0x138, "TPM2_NV_WriteLock";
    NV_READ = 0x14E, "TPM2_NV_Read";
    NV_READ_LOCK = 0x14F, "TPM2_NV_ReadLock";
    QUOTE = 0x158, "TPM2_Quote";
    FLUSH_CONTEXT = 0x165, "TPM2_FlushContext";
    NV_READ_PUBLIC = 0x169, "TPM2_NV_ReadPublic";
    POLICY_OR = 0x171, "TPM2_PolicyOR";
    READ_PUBLIC = 0x173, "TPM2_ReadPublic";
    START_AUTH_SESSION = 0x176, "TPM2_StartAuthSession";
    GET_CAPABILITY = 0x17A, "TPM2_GetCapability";
    GET_RANDOM = 0x17B, "TPM2_GetRandom";
    PCR_READ = 0x17E, "TPM2_PCR_Read";
    POLICY_PCR = 0x17F, "TPM2_PolicyPCR";
    POLICY_RESTART = 0x180, "TPM2_PolicyRestart";
    READ_CLOCK = 0x181, "TPM2_ReadClock";
    PCR_EXTEND = 0x182, "TPM2_PCR_Extend";
    POLICY_GET_DIGEST = 0x189, "TPM2_PolicyGetDigest";
}

impl CommandCode {
    /// Whether its response has a handle before its parameters.
    pub(crate) const fn returns_handle(self) -> bool {
        matches!(self, Self::CREATE_PRIMARY | Self::START_AUTH_SESSION)
    }
}

/// The name, or the number.
impl fmt::Display for CommandCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "TPM command {:#x}", self.0),
        }
    }
}
