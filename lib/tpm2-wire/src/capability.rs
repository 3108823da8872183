// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a TPM is and in which state: properties and banks (TPM 2.0 Library, part 3, 30.2), random numbers, the clock.

use crate::bytes::Reader;
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::pcr_selection::PcrSelections;
use crate::tpm::Tpm;

/// `TPM_CAP_PCRS`.
const CAP_PCRS: u32 = 5;
/// `TPM_CAP_TPM_PROPERTIES`.
const CAP_TPM_PROPERTIES: u32 = 6;

/// A number that a TPM has, by its number (`TPM_PT`; TPM 2.0 Library, part 2, 6.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Property(pub u32);

impl Property {
    /// Who made it: four letters, see [`Tpm::manufacturer`].
    pub const MANUFACTURER: Self = Self(0x105);
    /// The higher half of the firmware's version.
    pub const FIRMWARE_VERSION_1: Self = Self(0x10B);
    /// The lower half of the firmware's version.
    pub const FIRMWARE_VERSION_2: Self = Self(0x10C);
    /// How many bytes of an NV index go into one command.
    pub const NV_BUFFER_MAX: Self = Self(0x12C);
    /// What of its state outlives a reset, see [`Permanent`].
    pub const PERMANENT: Self = Self(0x200);
    /// What of its state a reset clears, see [`StartupClear`].
    pub const STARTUP_CLEAR: Self = Self(0x201);
    /// How many wrong passwords count against its owner now.
    pub const LOCKOUT_COUNTER: Self = Self(0x20E);
    /// From how many on it is locked out.
    pub const MAX_AUTH_FAIL: Self = Self(0x20F);
    /// After how many seconds one of them is forgiven.
    pub const LOCKOUT_INTERVAL: Self = Self(0x210);
}

/// What of a TPM's state outlives a reset (`TPMA_PERMANENT`; part 2, 8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permanent(pub u32);

impl Permanent {
    /// Whether the owner hierarchy has a password.
    #[must_use]
    pub const fn owner_auth_set(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether the endorsement hierarchy has a password.
    #[must_use]
    pub const fn endorsement_auth_set(self) -> bool {
        self.0 & 1 << 1 != 0
    }

    /// Whether ending a lockout needs a password.
    #[must_use]
    pub const fn lockout_auth_set(self) -> bool {
        self.0 & 1 << 2 != 0
    }

    /// Whether it is locked out after wrong passwords.
    #[must_use]
    pub const fn in_lockout(self) -> bool {
        self.0 & 1 << 9 != 0
    }
}

/// What of a TPM's state a reset clears (`TPMA_STARTUP_CLEAR`; part 2, 8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartupClear(pub u32);

impl StartupClear {
    /// Whether the platform hierarchy is on.
    #[must_use]
    pub const fn platform_enabled(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether the owner hierarchy is on.
    #[must_use]
    pub const fn owner_enabled(self) -> bool {
        self.0 & 1 << 1 != 0
    }

    /// Whether the endorsement hierarchy is on.
    #[must_use]
    pub const fn endorsement_enabled(self) -> bool {
        self.0 & 1 << 2 != 0
    }

    /// Whether it was shut down in order before it was started.
    #[must_use]
    pub const fn was_orderly(self) -> bool {
        self.0 & 1 << 31 != 0
    }
}

/// Where a TPM's clock and counters stand (`TPMS_CLOCK_INFO`; part 2, 10.11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockInfo {
    /// Milliseconds that it had power since its owner was last cleared. May go back where [`safe`](Self::safe) is
    /// not set.
    pub clock: u64,
    /// How many times it was reset since then. Never goes back.
    pub reset_count: u32,
    /// How many times it was restarted or resumed since the last reset.
    pub restart_count: u32,
    /// Whether the clock never had a higher value.
    pub safe: bool,
}

impl ClockInfo {
    pub(crate) fn unmarshal(reader: &mut Reader<'_>) -> Option<Self> {
        let (clock, reset_count, restart_count) = (reader.u64()?, reader.u32()?, reader.u32()?);
        let safe = match reader.u8()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        Some(Self { clock, reset_count, restart_count, safe })
    }
}

impl Tpm<'_> {
    /// A number that this TPM has; `None` where it does not have one of that kind.
    ///
    /// # Errors
    /// When the TPM could not be asked.
    pub fn property(&mut self, property: Property) -> Result<Option<u32>, Error> {
        let answer = self.get_capability(CAP_TPM_PROPERTIES, property.0)?;
        // It gives the first from the one asked for on.
        let (found, value) = answer.unwrap_or((property.0, 0));
        Ok((answer.is_some() && found == property.0).then_some(value))
    }

    fn get_capability(&mut self, kind: u32, property: u32) -> Result<Option<(u32, u32)>, Error> {
        let answer = self.run(CommandCode::GET_CAPABILITY, &[], None, &|writer| {
            writer.u32(kind);
            writer.u32(property);
            writer.u32(1);
        })?;
        answer.parse(|reader| {
            let (_more, capability, count) = (reader.u8()?, reader.u32()?, reader.u32()?);
            match (capability == kind, count) {
                (true, 0) => Some(None),
                (true, 1) => Some(Some((reader.u32()?, reader.u32()?))),
                _ => None,
            }
        })
    }

    /// The four letters of its maker, such as `IBM\0` or `INTC` (TCG Vendor ID Registry).
    ///
    /// # Errors
    /// When the TPM could not be asked, or does not say.
    pub fn manufacturer(&mut self) -> Result<[u8; 4], Error> {
        self.number(Property::MANUFACTURER).map(u32::to_be_bytes)
    }

    /// What of its state outlives a reset: passwords, lockout.
    ///
    /// # Errors
    /// When the TPM could not be asked, or does not say.
    pub fn permanent(&mut self) -> Result<Permanent, Error> {
        self.number(Property::PERMANENT).map(Permanent)
    }

    /// What of its state a reset clears: which hierarchies are on.
    ///
    /// # Errors
    /// When the TPM could not be asked, or does not say.
    pub fn startup_clear(&mut self) -> Result<StartupClear, Error> {
        self.number(Property::STARTUP_CLEAR).map(StartupClear)
    }

    /// A property that every TPM has.
    pub(crate) fn number(&mut self, property: Property) -> Result<u32, Error> {
        self.property(property)?.ok_or(Error::Malformed(CommandCode::GET_CAPABILITY))
    }

    /// Which PCRs it keeps, a selection for each bank; an empty one for a bank that is switched off.
    ///
    /// # Errors
    /// When the TPM could not be asked, or has more than [`BANKS_MAX`](crate::BANKS_MAX).
    pub fn pcr_banks(&mut self) -> Result<PcrSelections, Error> {
        let answer = self.run(CommandCode::GET_CAPABILITY, &[], None, &|writer| {
            writer.u32(CAP_PCRS);
            writer.u32(0);
            writer.u32(1);
        })?;
        answer.parse(|reader| {
            let (_more, capability) = (reader.u8()?, reader.u32()?);
            PcrSelections::unmarshal(reader).filter(|_| capability == CAP_PCRS)
        })
    }

    /// Fills `random` with random numbers of the TPM (part 3, 16.1).
    ///
    /// # Errors
    /// When the TPM could not be asked, or gives none.
    pub fn get_random(&mut self, random: &mut [u8]) -> Result<(), Error> {
        let mut rest = random;
        // Ends, because each round fills at least a byte.
        while !rest.is_empty() {
            let filled = self.get_some_random(rest)?;
            rest = rest.get_mut(filled..).unwrap_or_default();
        }
        Ok(())
    }

    /// How many bytes were filled; at least one.
    fn get_some_random(&mut self, random: &mut [u8]) -> Result<usize, Error> {
        let command = CommandCode::GET_RANDOM;
        let wanted = u16::try_from(random.len()).unwrap_or(u16::MAX);
        let answer = self.run(command, &[], None, &|writer| writer.u16(wanted))?;
        let bytes = answer.parse(Reader::sized)?;
        let place = random.get_mut(..bytes.len()).filter(|place| !place.is_empty());
        place.ok_or(Error::Malformed(command))?.copy_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Where its clock and counters stand (part 3, 29.1).
    ///
    /// # Errors
    /// When the TPM could not be asked.
    pub fn read_clock(&mut self) -> Result<ClockInfo, Error> {
        let answer = self.run(CommandCode::READ_CLOCK, &[], None, &|_| ())?;
        answer.parse(|reader| {
            let _milliseconds_since_reset = reader.u64()?;
            ClockInfo::unmarshal(reader)
        })
    }
}
