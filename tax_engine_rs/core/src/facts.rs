//! What one deal knows: facts by their position in the catalogue, and rows of lists.

/// The most facts that a catalogue may have.
pub const MOST_FACTS: usize = 256;

/// One field of one row of a list.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// List.
    pub list: u8,
    /// Row number from 0.
    pub row: u16,
    /// Field.
    pub field: u8,
    /// Number in the field's unit.
    pub number: i64,
}

/// Facts and rows of one deal. A fact not given is unknown.
#[derive(Clone)]
pub struct Facts {
    numbers: [i64; MOST_FACTS],
    known: [u64; MOST_FACTS / 64],
    /// Rows given for each list; none when nothing is known of it.
    pub row_counts: Vec<Option<u16>>,
    /// Fields of the rows.
    pub entries: Vec<Entry>,
}

impl Facts {
    /// Nothing known.
    pub fn new(lists: usize) -> Facts {
        Facts {
            numbers: [0; MOST_FACTS],
            known: [0; MOST_FACTS / 64],
            row_counts: vec![None; lists],
            entries: Vec::new(),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.known = [0; MOST_FACTS / 64];
        self.row_counts.fill(None);
        self.entries.clear();
    }

    /// The fact's number, if it is known.
    #[inline]
    pub fn get(&self, fact: u16) -> Option<i64> {
        let fact = usize::from(fact);
        (self.known[fact / 64] >> (fact % 64) & 1 == 1).then(|| self.numbers[fact])
    }

    /// What a fact is taken for: its number, or what was laid under it.
    #[inline]
    pub fn taken(&self, fact: u16) -> i64 {
        self.numbers[usize::from(fact)]
    }

    /// Lays a state's defaults under the facts that are not known.
    pub fn lay(&mut self, defaults: &[i64]) {
        for (fact, &default) in defaults.iter().enumerate() {
            if self.known[fact / 64] >> (fact % 64) & 1 == 0 {
                self.numbers[fact] = default;
            }
        }
    }

    /// Forgets everything, with a state's defaults laid under.
    pub fn clear_to(&mut self, defaults: &[i64]) {
        self.clear();
        self.numbers[..defaults.len()].copy_from_slice(defaults);
    }

    /// Makes a fact known.
    #[inline]
    pub fn set(&mut self, fact: u16, number: i64) {
        let fact = usize::from(fact);
        self.numbers[fact] = number;
        self.known[fact / 64] |= 1 << (fact % 64);
    }

    /// Sum of a field over the rows of a list.
    pub fn sum(&self, list: u8, field: u8) -> i64 {
        let entries = self.entries.iter().filter(|entry| entry.list == list && entry.field == field);
        entries.map(|entry| entry.number).sum()
    }

    /// A field of a row, if it is known.
    pub fn field(&self, list: u8, row: u16, field: u8) -> Option<i64> {
        self.entries
            .iter()
            .find(|entry| entry.list == list && entry.row == row && entry.field == field)
            .map(|entry| entry.number)
    }
}
