// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long the report descriptor of an interface is.

/// Descriptor types (USB 2.0, table 9-5; HID 1.11, 7.1).
const INTERFACE: u8 = 4;
const HID: u8 = 0x21;
const REPORT: u8 = 0x22;

/// The length in bytes of the report descriptor of `interface`, by its device's configuration descriptor
/// as a whole; `None` when that does not tell.
///
/// ```
/// let configuration = [
///     9, 2, 25, 0, 1, 1, 0, 0xA0, 50, // the configuration
///     7, 5, 0x82, 3, 8, 0, 10, // an endpoint of nothing here
///     9, 4, 3, 0, 1, 3, 1, 2, 0, // interface 3: HID, boot, mouse
///     9, 0x21, 0x11, 1, 0, 1, 0x22, 74, 0, // its report descriptor has 74 bytes
/// ];
/// assert_eq!(hid_pointer::report_descriptor_length(&configuration, 3), Some(74));
/// assert_eq!(hid_pointer::report_descriptor_length(&configuration, 0), None);
/// ```
#[must_use]
pub fn report_descriptor_length(configuration: &[u8], interface: u8) -> Option<u16> {
    let (mut rest, mut of_interface) = (configuration, false);
    while let Some(length) = rest.first().map(|length| usize::from(*length)).filter(|length| *length >= 2) {
        let (descriptor, after) = rest.split_at_checked(length)?;
        match (descriptor.get(1)?, of_interface) {
            (&INTERFACE, _) => of_interface = descriptor.get(2) == Some(&interface),
            (&HID, true) => return length_in(descriptor),
            _ => {}
        }
        rest = after;
    }
    None
}

/// The first report descriptor that a HID descriptor names (HID 1.11, 6.2.1).
fn length_in(hid: &[u8]) -> Option<u16> {
    let named = hid.get(6..)?.chunks_exact(3);
    named
        .filter_map(|named| named.first_chunk::<3>())
        .find(|named| named.first() == Some(&REPORT))
        .map(|[_, low, high]| u16::from_le_bytes([*low, *high]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_interface_of_a_receiver_has_its_own() {
        // A keyboard and a mouse in one receiver.
        let configuration = [
            9, 2, 59, 0, 2, 1, 0, 0xA0, 49, 9, 4, 0, 0, 1, 3, 1, 1, 0, 9, 0x21, 0x11, 1, 0, 1, 0x22, 59, 0,
            7, 5, 0x81, 3, 8, 0, 8, 9, 4, 1, 0, 1, 3, 1, 2, 0, 9, 0x21, 0x11, 1, 0, 1, 0x22, 0x94, 1, 7, 5,
            0x82, 3, 8, 0, 2,
        ];
        assert_eq!(report_descriptor_length(&configuration, 0), Some(59));
        assert_eq!(report_descriptor_length(&configuration, 1), Some(0x194));
        assert_eq!(report_descriptor_length(&configuration, 2), None);
        for cut in 0..26 {
            assert_eq!(report_descriptor_length(&configuration[..cut], 0), None, "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..400), interface in any::<u8>()) {
            let _ = report_descriptor_length(&bytes, interface);
        }
    }
}
