// SPDX-License-Identifier: MIT OR Apache-2.0
//! A report descriptor, item by item (HID 1.11, 6.2.2.4 to 6.2.2.8).

use crate::field::Field;
use crate::item::{Item, Kind};
use crate::refusal::Refusal;
use crate::report::{Axis, Layout};
use alloc::vec::Vec;

/// The deepest stack of pushed states.
const MAX_PUSHED: usize = 16;
/// The most usages and ranges of usages before one main item.
const MAX_USAGES: usize = 256;

// Usages, with their page in the upper half (HID Usage Tables 1.5, 4, 12 and 16).
const POINTER: u32 = 0x0001_0001;
const MOUSE: u32 = 0x0001_0002;
const X: u32 = 0x0001_0030;
const Y: u32 = 0x0001_0031;
const WHEEL: u32 = 0x0001_0038;
const FIRST_BUTTON: u32 = 0x0009_0001;
const DIGITIZER: u32 = 0x000D_0001;
const PEN: u32 = 0x000D_0002;
const TOUCH_SCREEN: u32 = 0x000D_0004;
const TIP: u32 = 0x000D_0042;

/// Bits of an input item (HID 1.11, 6.2.2.5).
const CONSTANT: u32 = 1 << 0;
const VARIABLE: u32 = 1 << 1;
const RELATIVE: u32 = 1 << 2;

/// What holds until it is said otherwise.
#[derive(Clone, Copy, Default)]
struct Globals {
    page: u32,
    low: i64,
    /// The largest value, with and without sign: which one holds, the smallest value decides.
    high: (i64, i64),
    /// Bits of a field.
    size: u32,
    /// How many fields.
    count: u32,
    number: Option<u8>,
}

impl Globals {
    /// Smallest and largest value. A negative maximum beside a minimum that is not was meant unsigned.
    const fn range(&self) -> (i64, i64) {
        let (signed, unsigned) = self.high;
        (self.low, if self.low >= 0 { unsigned } else { signed })
    }
}

/// What holds for the next main item.
#[derive(Default)]
struct Locals {
    /// Usages in order, as ranges. Those without a page have zeros in its place.
    usages: Vec<(u32, u32)>,
    /// Where a range of usages starts.
    minimum: u32,
    /// Usages so far in a set of which only the first counts.
    alternatives: Option<usize>,
}

impl Locals {
    fn add(&mut self, first: u32, last: u32) -> Result<(), Refusal> {
        if let Some(seen) = &mut self.alternatives {
            *seen = seen.saturating_add(1);
            if *seen > 1 {
                return Ok(());
            }
        }
        if self.usages.len() >= MAX_USAGES {
            return Err(Refusal::TooManyUsages);
        }
        self.usages.push((first, last));
        Ok(())
    }

    /// The place of a usage among the fields, counted from 0.
    fn place_of(&self, wanted: u32, page: u32) -> Option<u32> {
        let whole = |usage: u32| if usage >> 16 == 0 { page << 16 | usage } else { usage };
        let mut before = 0_u32;
        for &(first, last) in &self.usages {
            let (first, last) = (whole(first), whole(last));
            if (first..=last).contains(&wanted) {
                return before.checked_add(wanted.checked_sub(first)?);
            }
            before = before.checked_add(last.checked_sub(first)?)?.checked_add(1)?;
        }
        None
    }
}

/// A report as far as it is known.
struct Draft {
    number: Option<u8>,
    /// Where the next field starts.
    end: u32,
    x: Option<Axis>,
    y: Option<Axis>,
    wheel: Option<Field>,
    button: Option<Field>,
}

impl Draft {
    const fn new(number: Option<u8>) -> Self {
        Self { number, end: 0, x: None, y: None, wheel: None, button: None }
    }

    fn finish(self) -> Option<Layout> {
        let Self { number, wheel, button, .. } = self;
        Some(Layout { number, x: self.x?, y: self.y?, wheel, button })
    }
}

#[derive(Default)]
pub(crate) struct Parser {
    globals: Globals,
    locals: Locals,
    pushed: Vec<Globals>,
    /// How many collections are open.
    depth: u32,
    /// Whether the outermost one points.
    points: bool,
    /// Whether reports begin with their number.
    numbered: bool,
    /// One for each number.
    drafts: Vec<Draft>,
}

impl Parser {
    pub(crate) fn take(&mut self, item: Item) -> Result<(), Refusal> {
        match item.kind {
            Kind::Main => {
                self.main(item);
                self.locals = Locals::default();
                Ok(())
            }
            Kind::Global => self.global(item),
            Kind::Local => self.local(item),
            Kind::Reserved => Ok(()),
        }
    }

    /// Whether reports begin with their number, and where pointers are in them.
    pub(crate) fn finish(self) -> (bool, Vec<Layout>) {
        let numbered = self.numbered;
        let layouts = self.drafts.into_iter().filter_map(Draft::finish);
        (numbered, layouts.filter(|layout| layout.number.is_some() == numbered).collect())
    }

    fn main(&mut self, item: Item) {
        match item.tag {
            0x8 => self.input(item.data),
            0xA => {
                if self.depth == 0 {
                    let page = self.globals.page;
                    let uses = |usage| self.locals.place_of(usage, page) == Some(0);
                    self.points = [MOUSE, POINTER, DIGITIZER, PEN, TOUCH_SCREEN].into_iter().any(uses);
                }
                self.depth = self.depth.saturating_add(1);
            }
            0xC => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn global(&mut self, item: Item) -> Result<(), Refusal> {
        let globals = &mut self.globals;
        match item.tag {
            0x0 => globals.page = item.data & 0xFFFF,
            0x1 => globals.low = item.signed(),
            0x2 => globals.high = (item.signed(), i64::from(item.data)),
            0x7 => globals.size = item.data,
            0x8 => {
                let number = u8::try_from(item.data).ok().filter(|number| *number != 0);
                globals.number = Some(number.ok_or(Refusal::ReservedNumber)?);
                self.numbered = true;
            }
            0x9 => globals.count = item.data,
            0xA if self.pushed.len() >= MAX_PUSHED => return Err(Refusal::Stack),
            0xA => self.pushed.push(self.globals),
            0xB => self.globals = self.pushed.pop().ok_or(Refusal::Stack)?,
            _ => {}
        }
        Ok(())
    }

    fn local(&mut self, item: Item) -> Result<(), Refusal> {
        match item.tag {
            0x0 => self.locals.add(item.data, item.data)?,
            0x1 => self.locals.minimum = item.data,
            0x2 => self.locals.add(self.locals.minimum, item.data)?,
            0xA => self.locals.alternatives = (item.data == 1).then_some(0),
            _ => {}
        }
        Ok(())
    }

    fn input(&mut self, flags: u32) {
        let globals = self.globals;
        let place = match self.drafts.iter().position(|draft| draft.number == globals.number) {
            Some(place) => place,
            None => {
                self.drafts.push(Draft::new(globals.number));
                self.drafts.len().saturating_sub(1)
            }
        };
        let Some(draft) = self.drafts.get_mut(place) else { return };
        if self.points && flags & CONSTANT == 0 && flags & VARIABLE != 0 {
            let (low, high) = globals.range();
            let field = |usage| {
                let place =
                    self.locals.place_of(usage, globals.page).filter(|place| *place < globals.count)?;
                let start = draft.end.checked_add(place.checked_mul(globals.size)?)?;
                Field::new(start, globals.size, low < 0)
            };
            let axis = |usage| {
                let range = (flags & RELATIVE == 0).then_some((low, high));
                let usable = range.is_none_or(|(low, high)| low < high);
                field(usage).filter(|_| usable).map(|field| Axis { field, range })
            };
            draft.x = draft.x.or_else(|| axis(X));
            draft.y = draft.y.or_else(|| axis(Y));
            draft.wheel = draft.wheel.or_else(|| field(WHEEL).filter(|_| flags & RELATIVE != 0));
            draft.button = draft.button.or_else(|| field(FIRST_BUTTON)).or_else(|| field(TIP));
        }
        draft.end = draft.end.saturating_add(globals.size.saturating_mul(globals.count));
    }
}
