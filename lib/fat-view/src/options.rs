// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the caller may choose.

/// How a volume is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What bytes above 0x7F mean in short names.
    pub code_page: CodePage,
}

/// What bytes above 0x7F mean in short names. The volume does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodePage {
    /// Code page 437, as Linux takes it where nobody says otherwise.
    #[default]
    Cp437,
    /// Each is U+FFFD.
    Ascii,
}

/// The characters of code page 437 from 0x80 on.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

impl CodePage {
    /// The character of `byte`.
    pub(crate) fn decode(self, byte: u8) -> char {
        let above = usize::from(byte).checked_sub(0x80);
        match (above, self) {
            (None, _) => char::from(byte),
            (Some(index), Self::Cp437) => CP437.chars().nth(index).unwrap_or(char::REPLACEMENT_CHARACTER),
            (Some(_), Self::Ascii) => char::REPLACEMENT_CHARACTER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_page_has_a_character_for_every_byte() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(CodePage::Cp437.decode(b'A'), 'A');
        assert_eq!(CodePage::Cp437.decode(0x8E), 'Ä');
        assert_eq!(CodePage::Cp437.decode(0xE1), 'ß');
        assert_eq!(CodePage::Cp437.decode(0xFF), '\u{A0}');
        assert_eq!(CodePage::Ascii.decode(0x8E), '\u{FFFD}');
    }
}
