// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of comma-separated values, without quotes, up to a NUL or the end.

use crate::refusal::Refusal;

/// The most bytes of a section or a level. Usual are 100 to 400.
pub const BYTES_MAX: usize = 64 * 1024;
/// The most lines. Usual are two to six.
pub const ROWS_MAX: usize = 256;

/// One line: its number, from 1, and its fields.
pub(crate) struct Row<'t> {
    pub(crate) line: usize,
    text: &'t str,
}

impl<'t> Row<'t> {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.text.split(',')
    }

    /// Name and generation, and the fields behind them.
    pub(crate) fn name_and_generation(
        &self,
    ) -> Result<(&'t str, u32, impl Iterator<Item = &'t str> + use<'t>), Refusal> {
        let mut fields = self.fields();
        let name =
            fields.next().filter(|name| !name.is_empty()).ok_or(Refusal::NoName { line: self.line })?;
        let digits = fields.next().unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let generation = digits.parse().ok().filter(|_| is_number);
        Ok((name, generation.ok_or(Refusal::NoGeneration { line: self.line })?, fields))
    }
}

/// The lines of `bytes` that are not empty.
pub(crate) fn rows(bytes: &[u8]) -> Result<impl Iterator<Item = Result<Row<'_>, Refusal>>, Refusal> {
    if bytes.len() > BYTES_MAX {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = core::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| Refusal::NotText)?;
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.is_empty());
    Ok(lines.enumerate().map(|(count, (line, text))| {
        if count >= ROWS_MAX { Err(Refusal::TooManyRows) } else { Ok(Row { line, text }) }
    }))
}
