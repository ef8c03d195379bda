//! A finding: a reason that a recovery would fail, or come up with less than it had, or that could not be examined.
//!
//! Equal findings of several resources become one note, so that the summary and the output stay short.

use serde::Serialize;

use crate::problems::Problem;

/// The names of resources in a note. The others are counted.
const NAMES: usize = 10;
/// The largest number of notes in the output.
const NOTES: usize = 40;

/// The effect of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// AWS would refuse the request. Nothing is begun.
    Blocking,
    /// The database comes up, with less than it may need.
    Degrades,
    /// It could not be examined. It never prevents a recovery.
    Unknown,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// The index of the resource in the progress; absent for the whole manifest.
    pub(crate) index: Option<usize>,
    /// The place of the resource in the manifest, in words.
    pub(crate) place: String,
    /// The name of the resource.
    pub(crate) resource: String,
    /// The parameter that causes it, if one does.
    pub(crate) parameter: Option<String>,
    /// The wrong value, and the allowed values.
    pub(crate) what: String,
}

/// The same finding of one or more resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    level: Level,
    parameter: Option<String>,
    what: String,
    /// The first of the resources.
    resources: Vec<String>,
    /// The number of all of them.
    count: usize,
}

impl Finding {
    /// The finding as a problem of the manifest.
    pub(crate) fn problem(&self) -> Problem {
        match &self.parameter {
            Some(parameter) => Problem::new(format!("{}, {parameter}", self.place), &self.what),
            None => Problem::new(&self.place, &self.what),
        }
    }

    /// The finding without its place, for the state of its resource.
    pub(crate) fn in_short(&self) -> String {
        match &self.parameter {
            Some(parameter) => format!("{parameter} {}", self.what),
            None => self.what.clone(),
        }
    }
}

/// The notes on a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// The first of them. Those about a database that comes up with less precede those about a gap.
    pub(crate) shown: Vec<Note>,
    /// The number of the others.
    pub(crate) others: usize,
}

/// The findings that do not block, each once.
pub(crate) fn notes(findings: &[Finding]) -> Notes {
    let mut notes: Vec<Note> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.level != Level::Blocking) {
        let key = (finding.level, &finding.parameter, &finding.what);
        let known = notes.iter_mut().find(|note| (note.level, &note.parameter, &note.what) == key);
        match known {
            Some(note) => {
                note.count += 1;
                note.resources.extend(Some(finding.resource.clone()).filter(|_| note.count <= NAMES));
            }
            None => notes.push(Note {
                level: finding.level,
                parameter: finding.parameter.clone(),
                what: finding.what.clone(),
                resources: vec![finding.resource.clone()],
                count: 1,
            }),
        }
    }
    notes.sort_by_key(|note| note.level);
    let others = notes.len().saturating_sub(NOTES);
    notes.truncate(NOTES);
    Notes { shown: notes, others }
}

impl Notes {
    /// The number of all notes.
    pub(crate) fn count(&self) -> usize {
        self.shown.len() + self.others
    }

    /// The notes in words, one on each line, in about `longest` bytes. The last line counts those that do not fit. The text is
    /// empty if there are none.
    pub(crate) fn written(&self, longest: usize) -> String {
        if self.shown.is_empty() {
            return String::new();
        }
        let mut text = "\nNotes:\n".to_owned();
        let mut written = 0;
        for note in &self.shown {
            let line = format!("  {}\n", line(note));
            if text.len() + line.len() > longest {
                break;
            }
            text += &line;
            written += 1;
        }
        let others = self.count() - written;
        if others > 0 {
            let more = if written == 0 { "" } else { "more " };
            let noun = if others == 1 { "note" } else { "notes" };
            text += &format!("  and {others} {more}{noun}\n");
        }
        text
    }
}

fn line(note: &Note) -> String {
    let names = note.resources.join(", ");
    let more = note.count - note.resources.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let parameter = note.parameter.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{names}{more}{parameter}: {}", note.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(level: Level, resource: &str) -> Finding {
        Finding {
            level,
            index: Some(0),
            place: format!("layer 1, resource '{resource}'"),
            resource: resource.to_owned(),
            parameter: Some("MultiAZ".to_owned()),
            what: "is not given".to_owned(),
        }
    }

    #[test]
    fn equal_findings_become_one_line_with_the_first_names_and_the_number_of_the_others() {
        let names: Vec<String> = (0..200).map(|n| format!("db{n}")).collect();
        let mut all: Vec<Finding> = names.iter().map(|name| finding(Level::Degrades, name)).collect();
        all.push(finding(Level::Blocking, "blocked"));
        let notes = notes(&all);
        assert_eq!((notes.count(), notes.shown[0].count, notes.shown[0].resources.len()), (1, 200, NAMES));
        let said = notes.written(usize::MAX);
        assert_eq!(
            said,
            "\nNotes:\n  db0, db1, db2, db3, db4, db5, db6, db7, db8, db9 and 190 more, MultiAZ: is not given\n"
        );
        assert_eq!(Notes::default().written(usize::MAX), "");
    }

    #[test]
    fn notes_beyond_the_largest_number_are_counted() {
        let other = |n: usize| Finding { what: format!("is {n}"), ..finding(Level::Degrades, "a") };
        let all: Vec<Finding> = (0..NOTES + 12).map(other).collect();
        let notes = notes(&all);
        assert_eq!((notes.shown.len(), notes.others), (NOTES, 12));
        assert!(notes.written(usize::MAX).ends_with("  a, MultiAZ: is 39\n  and 12 more notes\n"));
        let short = notes.written(80);
        assert_eq!(
            short,
            "\nNotes:\n  a, MultiAZ: is 0\n  a, MultiAZ: is 1\n  a, MultiAZ: is 2\n  and 49 more notes\n"
        );
    }

    #[test]
    fn a_finding_as_a_problem_names_the_place_and_the_parameter() {
        let problem = finding(Level::Blocking, "a").problem();
        assert_eq!(problem.to_string(), "layer 1, resource 'a', MultiAZ: is not given");
        let problem = Finding { parameter: None, ..finding(Level::Blocking, "a") }.problem();
        assert_eq!(problem.to_string(), "layer 1, resource 'a': is not given");
    }
}
