//! The largest size that the state of a recovery can reach: the layers, and the progress with everything that it notes.
//!
//! A state that becomes too large ends the execution in the middle of the recovery, so such a manifest is refused.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::entry::Entry;
use crate::facts::Facts;
use crate::manifest::Layer;
use crate::problems::Problem;
use crate::progress::{LONGEST_END, LONGEST_STEP, Progress};
use crate::report::LONGEST;

/// The largest allowed size of a state in bytes. Step Functions allows 256 KiB.
const LARGEST_STATE: usize = 240 * 1024;
/// The largest size of the notes on a resource in bytes, beside the note of its kind. The result, which it has instead once it
/// is up, is not larger.
const MARK: usize = 400;
/// The largest size in bytes of the result of a resource that is up, beside the size of the note of its kind, which contains the
/// ARN of the snapshot.
const RESULT: usize = 240;
/// The size of the note of a kind in bytes if it is not known: it contains the ARN of a snapshot with the longest name.
const NOTED: usize = 400;

/// The sizes of the notes of the kinds, by the index of the resource.
pub(super) fn noted(entries: &[Entry], facts: &Facts) -> BTreeMap<usize, usize> {
    let of_entry = |Entry { index, kind, setting, words, .. }: &Entry| {
        let known = facts.known_to(&kind.needs(setting), words).ok()?;
        Some((*index, size(&kind.mark(known, setting))))
    };
    entries.iter().filter_map(of_entry).collect()
}

/// A problem if the state could become too large. Only the resources of one layer are open at a time.
pub(super) fn too_large(
    layers: &[Layer],
    progress: &Progress,
    noted: &BTreeMap<usize, usize>,
) -> Option<Problem> {
    let notes = |index| noted.get(&index).copied().unwrap_or(NOTED);
    let ended = |index| LONGEST_END + RESULT + notes(index);
    let open = |index| LONGEST_STEP + MARK + notes(index);
    let all: usize = (0..progress.resources.len()).map(ended).sum();
    let of_layer = |at: usize| {
        let layer = Progress::offset(layers, at)..Progress::offset(layers, at + 1);
        layer.map(|index| open(index).saturating_sub(ended(index))).sum::<usize>()
    };
    let largest_layer = (0..layers.len()).map(of_layer).max().unwrap_or_default();
    let whole = size(&layers) + size(progress) + all + largest_layer + 2 * LONGEST;
    let said = format!(
        "needs {whole} bytes with its progress; at most {LARGEST_STATE} are allowed; split it into several manifests"
    );
    (whole > LARGEST_STATE).then(|| Problem::new("the manifest", said))
}

fn size(value: &impl Serialize) -> usize {
    serde_json::to_string(value).map_or(0, |text| text.len())
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::testing::at;
    use serde_json::{Value, json};

    use super::*;
    use crate::progress::{Asked, Lack, Mark, Outcome, Refused, ResourceProgress, Status};

    /// The layers with that number of restores in each.
    fn layers(counts: &[usize]) -> Vec<Layer> {
        let restore = |n: usize| {
            let name = format!("a{n}");
            json!({"resourceType": "RestoreFromSnapshot", "resourceName": name,
                "parameters": {"DBInstanceIdentifier": name}})
        };
        let layer = |(at, count): (usize, &usize)| json!({"layer": at + 1, "resources": (0..*count).map(restore).collect::<Vec<_>>()});
        counts.iter().enumerate().map(|found| serde_json::from_value(layer(found)).unwrap()).collect()
    }

    /// The note of a restore from the snapshot with that name.
    fn note(snapshot: &str) -> Value {
        json!({"point": format!("arn:aws-us-gov:rds:us-gov-west-1:222222222222:snapshot:{snapshot}")})
    }

    /// The progress after a step, in which a single resource has this state.
    fn after(layers: &[Layer], change: impl FnOnce(&mut ResourceProgress)) -> Progress {
        let mut progress = Progress::beginning(layers, 0, 10_800);
        change(&mut progress.resources[0]);
        progress.conclude(layers);
        progress
    }

    fn growth(layers: &[Layer], after: &Progress) -> usize {
        size(&after.resources[0]) - size(&Progress::beginning(layers, 0, 10_800).resources[0])
    }

    #[test]
    fn a_manifest_whose_progress_does_not_fit_into_a_state_is_rejected() {
        let noted = |layers: &[Layer]| {
            let count = layers.iter().map(|layer| layer.resources.len()).sum();
            (0..count).map(|index| (index, size(&note("a-1")))).collect()
        };
        let problem = |counts: &[usize]| {
            let layers = layers(counts);
            too_large(&layers, &Progress::beginning(&layers, 0, 0), &noted(&layers))
        };
        assert_eq!(problem(&[200]), None);
        assert_eq!(problem(&[100, 100]), None);
        for counts in [&[900][..], &[450, 450]] {
            let said = problem(counts).unwrap().to_string();
            assert!(said.contains("split it into several"), "{said}");
        }
    }

    #[test]
    fn the_state_of_a_resource_with_the_longest_names_is_not_larger_than_its_estimate() {
        let snapshot = "s".repeat(255);
        let endpoint =
            format!("{}.cluster-c0123456789a.us-gov-west-1.rds.amazonaws.com.cn:65535", "i".repeat(63));
        let noted = size(&note(&snapshot));
        assert!(noted <= NOTED, "{noted}");
        let time = at("2026-01-02T00:00:00.123456789Z");
        let restored = Outcome {
            endpoint: Some(endpoint.clone()),
            snapshot: Some(snapshot.clone()),
            data_time: Some(time),
            took_over: None,
        };
        let promoted = Outcome { endpoint: Some(endpoint), took_over: Some(time), ..Outcome::default() };
        let layers = layers(&[1, 1]);
        let mark = || Mark {
            noted: note(&snapshot),
            up: Some(86_400),
            asked: Some(Asked { change: u32::MAX, poll: 9_999 }),
            seemed_up: false,
            failure: None,
            refused: Some(Refused { times: 9_999, since: 86_400, classes: 9_999 }),
            refused_first: Some("e".repeat(LONGEST_STEP / 2)),
            lacks: vec![],
        };
        let without = "without its BackupRetentionPeriod of 35 days".to_owned();
        let lack = Lack { without, why: "e".repeat(LONGEST_STEP / 2) };
        // Before it lacks something for good, the notes on the refusals are removed.
        let lacking = Mark { lacks: vec![lack], refused: None, refused_first: None, ..mark() };
        let long = |resource: &mut ResourceProgress| {
            (resource.seconds, resource.spent, resource.polls) = (86_400, 86_400, 9_999);
            resource.step = "e".repeat(LONGEST_STEP);
            resource.mark = Some(mark());
        };
        for (outcome, noted) in [(restored, noted), (promoted, size(&json!({"followed": false})))] {
            let ended = after(&layers, |resource| {
                long(resource);
                (resource.status, resource.already) = (Status::Recovered, true);
                resource.outcome = Some(outcome);
            });
            assert_eq!((ended.at, &ended.resources[0].mark), (1, &None), "the layer ended");
            let bytes = growth(&layers, &ended);
            assert!(bytes <= LONGEST_END + RESULT + noted, "{bytes} bytes");
        }
        for mark in [mark(), lacking] {
            let open = after(&layers, |resource| {
                long(resource);
                (resource.status, resource.mark) = (Status::Waiting, Some(mark));
            });
            let bytes = growth(&layers, &open);
            assert!(bytes <= LONGEST_STEP + MARK + noted, "{bytes} bytes");
        }
    }
}
