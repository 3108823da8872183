// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk, a partition or an image, whatever it is read by.

use crate::error::{Error, Kind, Result};
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use core::cell::RefCell;
use core::fmt::{self, Display};
use read_at::ReadAt;

/// The bytes from the beginning that are read at once and kept: the superblocks of nearly everything.
const START: u64 = 72 * 1024;

/// Something that may have a file system on it. A clone is the same device.
#[derive(Clone)]
pub struct Device {
    reader: Rc<RefCell<dyn ReadAt<Error = DeviceError>>>,
    start: Rc<[u8]>,
    size: u64,
}

/// Why a device could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceError(String);

impl Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reader whose errors are words.
struct Worded<R>(R);

impl<R> ReadAt for Worded<R>
where
    R: ReadAt,
    R::Error: Display,
{
    type Error = DeviceError;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> core::result::Result<(), DeviceError> {
        self.0.read_at(offset, buffer).map_err(|why| DeviceError(why.to_string()))
    }
}

impl Device {
    /// The `size` bytes that `reader` has. Reads the beginning.
    ///
    /// # Errors
    ///
    /// **Device**: the beginning could not be read.
    pub fn new<R>(reader: R, size: u64) -> Result<Self>
    where
        R: ReadAt + 'static,
        R::Error: Display,
    {
        let mut reader = Worded(reader);
        let mut start = alloc::vec![0; usize::try_from(size.min(START)).unwrap_or(0)];
        reader.read_at(0, &mut start).map_err(|why| Error {
            kind: Kind::Device,
            token: "device",
            message: why.0,
        })?;
        Ok(Self { reader: Rc::new(RefCell::new(reader)), start: start.into(), size })
    }

    /// In bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl ReadAt for Device {
    type Error = DeviceError;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> core::result::Result<(), DeviceError> {
        let kept = usize::try_from(offset).ok().and_then(|offset| self.start.get(offset..));
        match kept.and_then(|rest| rest.get(..buffer.len())) {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            // A reader that reads from its own device would borrow it twice; none does.
            None => match self.reader.try_borrow_mut() {
                Ok(mut reader) => reader.read_at(offset, buffer),
                Err(_) => Err(DeviceError("the device is in use".to_string())),
            },
        }
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use read_at::OutOfRange;

    struct Counted(Rc<Cell<usize>>);

    impl ReadAt for Counted {
        type Error = OutOfRange;

        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> core::result::Result<(), OutOfRange> {
            self.0.set(self.0.get() + 1);
            buffer.fill(offset as u8);
            if offset > 1 << 20 { Err(OutOfRange) } else { Ok(()) }
        }
    }

    #[test]
    fn the_beginning_is_read_once() {
        let requests = Rc::new(Cell::new(0));
        let mut device = Device::new(Counted(requests.clone()), 1 << 20).unwrap();
        let mut bytes = [9; 512];
        for offset in [0, 1024, START - 512] {
            device.read_at(offset, &mut bytes).unwrap();
            assert_eq!(bytes, [0; 512]);
        }
        assert_eq!(requests.get(), 1);
        device.read_at(START - 511, &mut bytes).unwrap();
        assert_eq!((requests.get(), bytes[0]), (2, (START - 511) as u8));
        assert_eq!(device.read_at(2 << 20, &mut bytes).unwrap_err().to_string(), OutOfRange.to_string());
    }

    #[test]
    fn a_device_may_be_tiny() {
        assert_eq!(Device::new(&[1_u8, 2][..], 2).unwrap().size(), 2);
        assert_eq!(Device::new(&[1_u8, 2][..], 3).unwrap_err().kind, Kind::Device);
        assert_eq!(Device::new(&[][..], 0).unwrap().size(), 0);
    }
}
