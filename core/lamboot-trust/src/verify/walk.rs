// SPDX-License-Identifier: MIT OR Apache-2.0
//! From line to line, with what the next one has to fit.

use super::Known;
use super::report::{EpochReport, Macs, Place, Problem, Remark, Report, What};
use crate::key::{EpochKey, RecordKey};
use crate::line::{Line, hex, unhex};
use alloc::string::String;
use lamboot_schema::trust_log::{Epoch, Event, Found, KeyStore, Record};
use lamboot_schema::variables::TrustHead;

/// So many epochs may lie between the known key and the first one of the log: a boot a minute for a year.
const MAX_STEPS: u64 = 1 << 19;

/// What is known at a place in the log.
pub(super) struct Walk<'k> {
    known: &'k Known,
    /// The key of the last epoch that had one, or the one that was given.
    key: Option<EpochKey>,
    /// The hash of the last line; none before the first one.
    prev: Option<[u8; 32]>,
    /// The key of the next record, where codes are checked.
    record_key: Option<RecordKey>,
    last: Option<Last>,
    /// The last epoch with a key.
    keyed: Option<(String, u64)>,
    earlier: usize,
    torn: Option<Place>,
    report: Report,
}

/// What the last record was.
struct Last {
    seq: u32,
    boot_id: String,
}

impl<'k> Walk<'k> {
    pub(super) fn new(known: &'k Known) -> Self {
        Self {
            known,
            key: known.key.clone(),
            prev: None,
            record_key: None,
            last: None,
            keyed: None,
            earlier: 0,
            torn: None,
            report: Report::default(),
        }
    }

    fn problem(&mut self, place: Place, what: What) {
        if self.report.problems.len() < Report::MAX_PROBLEMS {
            self.report.problems.push(Problem { place: Some(place), what });
        }
    }

    /// A line without its newline.
    pub(super) fn line(&mut self, place: Place, text: &[u8]) {
        let record = str::from_utf8(text).ok().and_then(|text| Record::from_line(text).ok());
        let (Some(line), Some(record)) = (Line::split(text), record) else { return self.no_record(place) };
        match (line.prev(), &record.prev) {
            (Some(prev), Some(_)) => self.chained(place, line, &record, prev),
            (_, Some(_)) => self.problem(place, What::WrongPrev),
            _ if self.prev.is_none() => self.earlier = self.earlier.saturating_add(1),
            _ => self.problem(place, What::NotChained),
        }
    }

    /// What is no record may be half of one, where an epoch was cut off.
    fn no_record(&mut self, place: Place) {
        if self.prev.is_none() {
            self.earlier = self.earlier.saturating_add(1);
        } else if self.torn.replace(place).is_some() {
            self.problem(place, What::NotARecord);
        }
    }

    fn chained(&mut self, place: Place, line: Line<'_>, record: &Record, prev: [u8; 32]) {
        if self.prev.is_some_and(|known| known != prev) {
            self.problem(place, What::WrongPrev);
        }
        match &record.epoch {
            Some(epoch) if record.event == Event::EpochOpen => self.open(place, epoch, record, prev),
            _ => self.inside(place, record),
        }
        self.check_code(place, line);
        self.prev = Some(line.hash());
        self.last = Some(Last { seq: record.seq, boot_id: record.boot_id.clone() });
        if let Some(epoch) = self.report.epochs.last_mut() {
            epoch.records = epoch.records.saturating_add(1);
            epoch.sealed |= record.event == Event::EpochSeal;
        }
    }

    /// A record amid an epoch.
    fn inside(&mut self, place: Place, record: &Record) {
        if let Some(torn) = self.torn.take() {
            self.problem(torn, What::NotARecord);
        }
        let Some(epoch) = self.report.epochs.last() else { return self.problem(place, What::NoEpoch) };
        let wrong = [
            (epoch.sealed, What::BehindSeal),
            (epoch.boot_id != record.boot_id, What::WrongBoot),
            (
                self.last.as_ref().is_none_or(|last| last.seq.checked_add(1) != Some(record.seq)),
                What::WrongSeq,
            ),
        ];
        for (_, what) in wrong.into_iter().filter(|(holds, _)| *holds) {
            self.problem(place, what);
        }
    }

    /// The first record of an epoch.
    fn open(&mut self, place: Place, epoch: &Epoch, record: &Record, prev: [u8; 32]) {
        self.close(place, epoch.found);
        self.check_seq(place, record);
        self.check_head(place, epoch, prev);
        self.check_number(place, epoch);
        if epoch.found.is_tampering() {
            self.problem(place, What::LoaderFound(epoch.found));
        }
        let macs = self.take_key(epoch);
        let remarks = [
            (epoch.key_store == KeyStore::None, Remark::NoKey(place)),
            (epoch.key_store != KeyStore::None && epoch.found == Found::Rekeyed, Remark::Rekeyed(place)),
            (
                self.prev.is_none() && !matches!(epoch.found, Found::First | Found::Rekeyed),
                Remark::BeginsLater,
            ),
        ];
        self.report.remarks.extend(remarks.into_iter().filter(|(holds, _)| *holds).map(|(_, remark)| remark));
        self.report.epochs.push(EpochReport {
            place,
            number: epoch.number,
            chain: epoch.chain.clone(),
            boot_id: record.boot_id.clone(),
            found: epoch.found,
            level: epoch.level,
            records: 0,
            sealed: false,
            macs,
        });
    }

    /// The epoch before ends here.
    fn close(&mut self, place: Place, found: Found) {
        let is_unsealed = self.report.epochs.last().is_some_and(|epoch| !epoch.sealed);
        match self.torn.take() {
            Some(torn) if matches!(found, Found::Intact | Found::First) => {
                self.problem(torn, What::NotARecord);
            }
            Some(torn) => self.report.remarks.push(Remark::Torn(torn)),
            None => {}
        }
        if is_unsealed {
            match found {
                Found::Intact => self.problem(place, What::SealMissing),
                _ => self.unsealed(),
            }
        }
    }

    fn unsealed(&mut self) {
        let place = self.report.epochs.last().map(|epoch| epoch.place);
        self.report.remarks.extend(place.map(Remark::Unsealed));
    }

    /// Numbers go on within a boot, and begin anew with the next.
    fn check_seq(&mut self, place: Place, record: &Record) {
        let same_boot = self.last.as_ref().filter(|last| last.boot_id == record.boot_id);
        let expected = same_boot.map_or(Some(0), |last| last.seq.checked_add(1));
        if expected != Some(record.seq) {
            self.problem(place, What::WrongSeq);
        }
    }

    /// What the loader knew of the epoch before is what the log has.
    fn check_head(&mut self, place: Place, epoch: &Epoch, prev: [u8; 32]) {
        let count = self.report.epochs.last().map(|before| before.records);
        let fits = match epoch.found {
            Found::Intact => epoch.head == hex(&prev) && count.is_none_or(|count| count == epoch.count),
            Found::First => self.prev.is_none(),
            _ => true,
        };
        if !fits {
            self.problem(place, What::WrongHead);
        }
    }

    /// Epochs of a chain are counted without gaps; another chain begins with its first one.
    fn check_number(&mut self, place: Place, epoch: &Epoch) {
        if epoch.key_store == KeyStore::None {
            return;
        }
        let missing = match &self.keyed {
            Some((chain, number)) if *chain == epoch.chain => {
                number.checked_add(1).and_then(|expected| epoch.number.checked_sub(expected))
            }
            Some(_) => (epoch.number == 1 && epoch.found == Found::Rekeyed).then_some(0),
            None => Some(0),
        };
        match missing {
            Some(0) => {}
            // An epoch that ends before its first record is written leaves nothing but its number.
            Some(count) if epoch.found == Found::Unsealed => {
                self.report.remarks.push(Remark::NoRecord(place, count));
            }
            _ => self.problem(place, What::WrongEpoch),
        }
        self.keyed = Some((epoch.chain.clone(), epoch.number));
    }

    /// The key of the epoch's records, as far as one of its chain is known.
    fn take_key(&mut self, epoch: &Epoch) -> Macs {
        self.record_key = None;
        if epoch.key_store == KeyStore::None {
            return Macs::None;
        }
        let chain = unhex::<16>(epoch.chain.as_bytes());
        let Some(key) = self.key.as_mut().filter(|key| Some(key.chain()) == chain) else {
            return Macs::Unchecked;
        };
        let steps = epoch.number.checked_sub(key.epoch()).filter(|steps| *steps <= MAX_STEPS);
        let Some(steps) = steps else { return Macs::Unchecked };
        for _ in 0..steps {
            *key = key.next();
        }
        self.record_key = Some(key.first_record());
        Macs::Checked
    }

    fn check_code(&mut self, place: Place, line: Line<'_>) {
        let Some(epoch) = self.report.epochs.last() else { return };
        let macs = epoch.macs;
        match (line.mac, macs) {
            (None, Macs::None) | (Some(_), Macs::Unchecked) => {}
            (Some(mac), Macs::Checked) => {
                let Some(key) = &mut self.record_key else { return };
                let is_right = key.is_right(line.signed, &mac);
                key.advance();
                if !is_right {
                    self.problem(place, What::WrongMac);
                }
            }
            _ => self.problem(place, What::MacMissing),
        }
    }

    /// The log's end.
    pub(super) fn end(mut self) -> Report {
        if let Some(torn) = self.torn.take() {
            self.report.remarks.push(Remark::Torn(torn));
        }
        if self.report.epochs.last().is_some_and(|epoch| !epoch.sealed) {
            self.unsealed();
        }
        self.check_older_epochs();
        if self.earlier > 0 {
            self.report.remarks.push(Remark::EarlierRelease(self.earlier));
        }
        match self.known.head {
            None => self.report.remarks.push(Remark::EndUnknown),
            Some(head) if self.ends_at(head) => {}
            Some(_) => self.report.problems.push(Problem { place: None, what: What::WrongEnd }),
        }
        self.report
    }

    /// Epochs before the first one whose codes were checked are older than the key.
    fn check_older_epochs(&mut self) {
        let epochs = &mut self.report.epochs;
        let Some(first) = epochs.iter().position(|epoch| epoch.macs == Macs::Checked) else { return };
        let mut older = 0_usize;
        for epoch in epochs.iter_mut().take(first).filter(|epoch| epoch.macs == Macs::Unchecked) {
            epoch.macs = Macs::BeforeKey;
            older = older.saturating_add(1);
        }
        self.report.remarks.extend((older > 0).then_some(Remark::BeforeKey(older)));
    }

    fn ends_at(&self, head: TrustHead) -> bool {
        let last = self.report.epochs.last();
        let same = last.is_some_and(|epoch| (epoch.number, epoch.records) == (head.epoch, head.count));
        same && self.prev == Some(head.head)
    }
}
