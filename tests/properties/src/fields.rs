//! An input with several parts: they are separated by the byte 0xFF, which no text has.

/// The parts of an input, one after the other; missing ones are empty.
pub struct Fields<'a>(std::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Fields<'a> {
    /// Cuts an input.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        Self(data.split(|byte| *byte == 0xff))
    }

    /// The next part.
    pub fn bytes(&mut self) -> &'a [u8] {
        self.0.next().unwrap_or_default()
    }

    /// The next part as text.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// The next part as switches.
    pub fn switches(&mut self) -> Switches<'a> {
        Switches(self.bytes().iter())
    }
}

/// Choices, a byte each; where there are no more it is the first one.
pub struct Switches<'a>(std::slice::Iter<'a, u8>);

impl Switches<'_> {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u8) -> u8 {
        self.0.next().map_or(0, |byte| byte % limit.max(1))
    }

    /// Yes or no.
    pub fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    /// One of the choices; the default where there is none.
    pub fn pick<T: Clone + Default>(&mut self, choices: &[T]) -> T {
        let index = self.0.next().map_or(0, |byte| usize::from(*byte));
        let index = index.checked_rem(choices.len()).unwrap_or_default();
        choices.get(index).cloned().unwrap_or_default()
    }
}
