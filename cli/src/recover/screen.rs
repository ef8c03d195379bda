//! The display of a recovery's progress. On a terminal it is drawn over; elsewhere it is written again after a change.

use std::io::{IsTerminal, Stderr, Write};

use super::view::View;
use crate::output::Output;

/// The width of a terminal that does not report one.
const WIDTH: usize = 80;

/// A display on standard error, so that standard output contains nothing but the result.
pub(super) struct Screen<W = Stderr> {
    output: Output,
    kind: Kind,
    shown: String,
    to: W,
}

enum Kind {
    Terminal,
    Text,
}

impl Screen {
    pub(super) fn new(output: Output) -> Self {
        let kind = if std::io::stderr().is_terminal() { Kind::Terminal } else { Kind::Text };
        Self { output, kind, shown: String::new(), to: std::io::stderr() }
    }
}

#[cfg(test)]
impl Screen<Vec<u8>> {
    /// A display that is no terminal and keeps its text.
    pub(super) fn kept(output: Output) -> Self {
        Self { output, kind: Kind::Text, shown: String::new(), to: Vec::new() }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.to).into_owned()
    }
}

impl<W: Write> Screen<W> {
    /// Writes a text that stays on the screen. What follows is drawn below it.
    pub(super) fn note(&mut self, text: &str) {
        if self.output == Output::Text {
            let _ = writeln!(self.to, "{text}");
            self.shown.clear();
        }
    }

    /// Shows the current progress.
    pub(super) fn show(&mut self, view: &View) {
        let text = match self.kind {
            Kind::Terminal => clipped(&view.whole(), width()),
            Kind::Text => view.changing().to_owned(),
        };
        if self.output == Output::Json || text == self.shown {
            return;
        }
        let back = match (&self.kind, self.shown.lines().count()) {
            (Kind::Terminal, up) if up > 0 => format!("\x1b[{up}A\x1b[J"),
            _ => String::new(),
        };
        let _ = write!(self.to, "{back}{text}");
        self.shown = text;
    }
}

fn width() -> usize {
    let size = terminal_size::terminal_size_of(std::io::stderr());
    size.map_or(WIDTH, |(width, _)| usize::from(width.0).max(20))
}

/// The text with its lines cut to the width. A wrapped line would take two rows on the screen but count as one, so
/// part of it would stay on the screen when the text is drawn over.
fn clipped(text: &str, width: usize) -> String {
    let clip = |line: &str| {
        let fits = line.chars().count() < width;
        let whole: String = if fits { line.to_owned() } else { line.chars().take(width - 2).collect() };
        if fits { format!("{whole}\n") } else { format!("{whole}…\n") }
    };
    text.lines().map(clip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_to_less_than_the_width_of_the_terminal() {
        assert_eq!(clipped("abc\nabcd\nabcdefgh\n", 5), "abc\nabcd\nabc…\n");
    }
}
