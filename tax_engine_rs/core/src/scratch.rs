//! Room that is used again from deal to deal.

use crate::exact::Exact;
use crate::facts::Facts;
use crate::line::Line;
use crate::program::ROOM;
use crate::question::TraceEntry;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Room that is used again from deal to deal.
pub struct Scratch {
    cache: Vec<(u32, Exact)>,
    /// Changes with each deal and day.
    stamp: u32,
    /// The stamp under which a place of a program was found.
    pub found: [u32; ROOM],
    /// Changes with each deal and day.
    pub found_stamp: u32,
    /// Where a program goes back to.
    pub back: Back,
    /// Filled when asked for.
    pub trace: Option<Vec<TraceEntry>>,
    /// Room for the deal as its buyer's home state sees it.
    pub home: Option<Box<HomeRoom>>,
}

impl core::default::Default for Scratch {
    fn default() -> Scratch {
        Scratch {
            cache: Vec::new(),
            stamp: 0,
            found: [0; ROOM],
            found_stamp: 0,
            back: Back::default(),
            trace: None,
            home: None,
        }
    }
}

impl Scratch {
    /// Forgets what a program found, for a new deal or another day.
    pub fn forget_found(&mut self) {
        self.found_stamp = self.found_stamp.wrapping_add(1);
        if self.found_stamp == 0 {
            self.found = [0; ROOM];
            self.found_stamp = 1;
        }
    }

    /// A value that was found for this deal and day.
    pub fn known(&self, value: usize) -> Option<Exact> {
        self.cache.get(value).filter(|(stamp, _)| *stamp == self.stamp).map(|(_, answer)| *answer)
    }

    /// Keeps a value for this deal and day.
    pub fn keep(&mut self, value: usize, answer: Exact) {
        self.cache[value] = (self.stamp, answer);
    }

    /// Forgets what was found, for a new deal or another day.
    pub fn renew(&mut self, values: usize) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.cache.clear();
            self.stamp = 1;
        }
        if self.cache.len() < values {
            self.cache.resize(values, (0, Exact::ZERO));
        }
    }
}

/// How deep values may stand on values; deeper ones go the exact way.
pub const MOST_DEPTH: usize = 32;

/// Where values that are being found were asked.
#[derive(Default)]
pub struct Back {
    pub steps: [u16; MOST_DEPTH],
    pub depth: usize,
}

/// Room for a deal as the home state sees it.
#[derive(Default)]
pub struct HomeRoom {
    pub facts: Facts,
    pub scratch: Scratch,
    pub lines: Vec<Line>,
}
