// SPDX-License-Identifier: MIT OR Apache-2.0
//! Types on top of the [`Variables`] port.

use crate::error::PortResult;
use crate::ports::Variables;
use lamboot_schema::variables::{Lifetime, Variable};
use zeroize::Zeroizing;

/// The variable's value; `None` when it does not exist, cannot be read, or is not of its form.
///
/// A variable that nobody can make sense of is as good as none: whatever depends on it has a
/// careful answer for a new machine.
pub fn get<T>(port: &mut dyn Variables, variable: &Variable<T>) -> Option<T> {
    let bytes = Zeroizing::new(port.get(variable.id).ok().flatten()?);
    variable.decode(&bytes)
}

/// Stores a value. A non-volatile one is written only when its bytes change: flash wears out. A
/// volatile one is always written, because another loader may have left the same bytes with
/// attributes that make them outlive this boot. Copies are overwritten: some values are secrets.
///
/// # Errors
///
/// Those of [`Variables::set`].
pub fn set<T>(port: &mut dyn Variables, variable: &Variable<T>, value: &T) -> PortResult<()> {
    let bytes = Zeroizing::new(variable.encode(value));
    let wears = variable.id.lifetime != Lifetime::Volatile;
    if wears
        && let Ok(Some(old)) = port.get(variable.id).map(|old| old.map(Zeroizing::new))
        && old == bytes
    {
        return Ok(());
    }
    port.set(variable.id, &bytes)
}
