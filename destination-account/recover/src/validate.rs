//! The operation `validate`: it checks the whole manifest against AWS, reports all problems, and lists the first change of
//! every resource. It changes nothing; the changes are left to `step`.

mod size;

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::policy::RecoveryPolicy;
use pilot_light_domain::recovery::{Answer, Call, RecoveryCloud};
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::worker;
use serde_json::{Value, json};

use crate::entry::Entry;
use crate::examine::{Gap, examine, gap};
use crate::facts::{Facts, Need, all_needs};
use crate::identity::{self, Recovery};
use crate::imports::Imports;
use crate::kinds::Next;
use crate::manifest::{self, Layer, Manifest, Resource};
use crate::problems::{Problem, counted, cut, refuse, refuse_partly};
use crate::progress::{Progress, seconds_since};
use crate::read::{self, Reading};
use crate::readiness::{Finding, Level, Notes, notes};
use crate::reference;
use crate::registry::{self, Purpose};
use crate::report::{self, LONGEST};
use crate::request::{Execution, Run};

/// The largest size of the notes in the summary in bytes.
const LONGEST_NOTES: usize = 4 * 1024;

/// Reads and checks a manifest.
///
/// # Errors
/// `InvalidInput` with every problem, or the error of AWS if nothing could be read.
pub(crate) async fn validate<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    (purpose, execution): (Purpose, Execution),
    input: &Value,
) -> Result<Answer, WorkerError> {
    let parameters = worker::read_parameters(cloud).await?;
    let policy = RecoveryPolicy::parse(&parameters, &call.account, &call.region)?;
    let input = &reference::resolve(cloud, input).await?;
    let (manifest, mut problems) = manifest::read_partially(input, purpose);
    let imports = Imports::read(cloud, &resources(&manifest.layers)).await;
    let ready = |recovery: &Recovery| ready(&imports, call, (purpose, recovery), &manifest.layers);
    let begun = Recovery::of(&execution, identity::hash(purpose, &manifest.layers, &imports));
    let Ready { entries, problems: unready, mut gaps } = ready(&begun);
    problems.extend(unready);
    problems.extend(conflicts(&entries));
    let needs = all_needs(entries.iter().map(|entry| entry.kind.needs(&entry.setting)));
    let mut reading = read::read(cloud, call, &policy.sources, &needs).await;
    if let Some(failure) = reading.failure() {
        return Err(refusal(&problems, gaps, failure));
    }
    let earlier = identity::earlier(&reading.facts, &begun, &manifest.layers, purpose);
    let earlier = earlier.filter(|_| !manifest.new).map(|found| (ready(&found).entries, found));
    let continued = earlier.filter(|(entries, _)| is_unfinished(entries, &reading.facts, purpose));
    let (entries, recovery) = continued.unwrap_or((entries, begun));
    problems.extend(obstacles(&entries, &reading));
    let examined = examine(cloud, call, (&entries, &manifest.layers), &mut reading).await;
    let findings = &examined.findings;
    let blocking = findings.iter().filter(|finding| finding.level == Level::Blocking);
    problems.extend(blocking.map(Finding::problem));
    gaps.extend(risky(&entries, &reading, examined.gaps));
    let seconds = seconds_since(recovery.started, call.now);
    let target = u64::try_from(policy.rto_target.num_seconds()).unwrap_or_default();
    let mut progress = Progress::beginning(&manifest.layers, seconds, target);
    progress.recovery = Some(recovery);
    problems.extend(size::too_large(&manifest.layers, &progress, &size::noted(&entries, &reading.facts)));
    if let Some(gap) = gaps.pop() {
        return Err(refusal(&problems, gaps, gap));
    }
    if !problems.is_empty() {
        return Err(refuse(&problems));
    }
    let layers = manifest.layers.clone();
    let run = Run { purpose, execution, layers, progress, sends_late: false };
    // Drills and refreshes run on their schedules, at night, and change nothing that is in use.
    let approval = manifest.approval || (policy.needs_approval && purpose != Purpose::Drill);
    let notes = notes(findings);
    let summary = summary(&run, &Manifest { approval, ..manifest }, (&entries, &notes), &reading.facts);
    Ok(answer(run, (summary, notes), (input["dry_run"] == true, approval)))
}

fn answer(mut run: Run, (summary, notes): (String, Notes), (dry_run, approval): (bool, bool)) -> Answer {
    run.progress.message = report::message(&run, &run.progress);
    let mut output = json!({
        "dry_run": dry_run,
        "approval": approval,
        "layers": run.layers,
        "progress": run.progress,
        "summary": summary,
    });
    // A recovery does not carry the findings from state to state.
    if dry_run {
        output["findings"] = json!(notes.shown);
        output["findings_left_out"] = json!(notes.others);
    }
    let line = json!({
        "event": "validated",
        "purpose": run.purpose,
        "execution": run.execution.id,
        "dry_run": dry_run,
        "approval": approval,
        "resources": run.progress.resources.len(),
        "findings": notes.count(),
    });
    Answer { output, metrics: vec![], log: vec![line] }
}

/// True if a resource of the recovery is not up.
///
/// A list or a parameter may be missing. Then a failover or failback continues, because it may be under way. A drill or a
/// refresh begins anew, because it is done anew every time.
fn is_unfinished(entries: &[Entry], facts: &Facts, purpose: Purpose) -> bool {
    entries.iter().any(|Entry { kind, setting, words, .. }| {
        let known = facts.known_to(&kind.needs(setting), words).ok().filter(|_| setting.unread.is_empty());
        match known.map(|known| kind.next(known, &kind.mark(known, setting), setting)) {
            Some(next) => !matches!(next, Next::Done | Next::Tidy { .. }),
            None => purpose != Purpose::Drill,
        }
    })
}

fn resources(layers: &[Layer]) -> Vec<&Resource> {
    layers.iter().flat_map(|layer| layer.resources.iter()).collect()
}

/// The resources of a manifest, ready for the check.
struct Ready {
    /// The resources, as far as they can be read.
    entries: Vec<Entry>,
    /// Their problems.
    problems: Vec<Problem>,
    /// The errors of AWS for references. They may end by themselves.
    gaps: Vec<WorkerError>,
}

/// All resources as far as they can be read. A reference that AWS does not resolve now hides no problem of the others.
fn ready(
    imports: &Imports,
    call: &Call,
    (purpose, recovery): (Purpose, &Recovery),
    layers: &[Layer],
) -> Ready {
    let all = layers.iter().flat_map(|layer| layer.resources.iter().map(|found| (layer.layer, found)));
    let known = |(_, (_, found)): &(usize, (u32, &Resource))| registry::allowed(&found.kind, purpose).is_ok();
    let mut ready = Ready { entries: Vec::new(), problems: Vec::new(), gaps: Vec::new() };
    for (index, (layer, resource)) in all.enumerate().filter(known) {
        let examined = Entry::examine(index, layer, resource, imports, (call, recovery));
        ready.entries.extend(examined.entry);
        ready.problems.extend(examined.problems);
        let doing = format!("read the imports of {}", resource.place(layer));
        ready.gaps.extend(examined.gap.map(WorkerError::reading(doing)));
    }
    ready
}

/// The error of a check that could not end: all problems, or else a gap, which may end by itself. The gaps are named beside
/// the problems.
fn refusal(problems: &[Problem], gaps: Vec<WorkerError>, gap: WorkerError) -> WorkerError {
    let all: Vec<WorkerError> = gaps.into_iter().chain([gap]).collect();
    if !problems.is_empty() {
        let gaps = BTreeSet::from_iter(all.iter().map(ToString::to_string));
        return refuse_partly(problems, &Vec::from_iter(gaps));
    }
    all.into_iter().max_by_key(|gap| (gap.name().is_retryable(), gap.name())).unwrap_or_else(|| refuse(&[]))
}

/// The lists that AWS does not give now, and without which a recovery must not begin:
///
/// - Those without which a database could be deleted that cannot be created again.
/// - The instances of this Region, for those that are restored from a snapshot. Their tags show the recovery to continue, with its
///   time and its points. Nothing can be restored without that list either.
///
/// A recovery that deletes nothing begins without the lists of another Region, because a lost Region may not answer at all.
fn risky(entries: &[Entry], reading: &Reading, gaps: Vec<Gap>) -> Vec<WorkerError> {
    let replacing: Vec<&Entry> = entries.iter().filter(|entry| entry.kind.replaces()).collect();
    let needs = replacing.iter().flat_map(|entry| {
        let needs = entry.kind.needs(&entry.setting).into_iter();
        needs.filter_map(|need| gap(entry.index, need, reading))
    });
    let here = Need::Instances(reading.facts.region.clone());
    let restored = entries.iter().filter(|entry| {
        let needs = entry.kind.needs(&entry.setting);
        needs.contains(&Need::Snapshots) && needs.contains(&here)
    });
    let tagged = restored.filter_map(|entry| gap(entry.index, here.clone(), reading));
    let is_risky = |gap: &Gap| replacing.iter().any(|entry| entry.index == gap.index);
    let all = needs.chain(tagged).chain(gaps.into_iter().filter(is_risky));
    all.map(|Gap { need, error, .. }| WorkerError::reading(format!("list {need}"))(error)).collect()
}

/// A problem for every two resources that change the same thing.
fn conflicts(entries: &[Entry]) -> Vec<Problem> {
    let mut first: BTreeMap<String, &Entry> = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in entries {
        for thing in BTreeSet::from_iter(entry.kind.acts_on(&entry.setting)) {
            if let Some(other) = first.insert(thing.clone(), entry) {
                let said = format!("changes {thing}, and so does {}; keep only one of them", other.place);
                problems.push(Problem::new(&entry.place, said));
            }
        }
    }
    problems
}

/// The reasons not to start resources. A list that AWS refuses is one of them. A list that AWS does not return now is not,
/// because a lost Region may not answer at all.
fn obstacles(entries: &[Entry], reading: &Reading) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in entries {
        let needs = entry.kind.needs(&entry.setting);
        let refused = needs.iter().filter_map(|need| Some((need, reading.errors.get(need)?)));
        for (need, error) in refused.filter(|(_, error)| !error.kind.name().is_retryable()) {
            problems.push(Problem::new(&entry.place, format!("cannot list {need}: {error}")));
        }
        if let Ok(known) = reading.facts.known_to(&needs, &entry.words) {
            let found = entry.kind.obstacles(known, &entry.setting).into_iter();
            // A parameter that cannot be read has its problem already.
            let found = found.filter(|(name, _)| entry.setting.knows(&[name]));
            problems.extend(found.map(|(name, what)| Problem::new(format!("{}, {name}", entry.place), what)));
        }
    }
    problems
}

/// The notes, then the first change of every resource and the database that it deletes, layer by layer.
fn summary(run: &Run, manifest: &Manifest, (entries, notes): (&[Entry], &Notes), facts: &Facts) -> String {
    let how = match (manifest.dry_run, manifest.approval) {
        (true, _) => "A dry run: nothing is changed.",
        (false, true) => "It waits for approval before anything is changed.",
        (false, false) => "It begins at once.",
    };
    let head = format!(
        "Pilot Light {} {}: {} in {}. {how}{}\n",
        run.purpose.as_str(),
        run.execution.name(),
        counted(run.progress.resources.len(), "resource"),
        counted(run.layers.len(), "layer"),
        report::continued(run)
    );
    let mut text = head + &notes.written(if manifest.dry_run { usize::MAX } else { LONGEST_NOTES });
    let mut layer = None;
    for entry in entries {
        let resource = &run.progress.resources[entry.index];
        if layer.replace(resource.layer) != Some(resource.layer) {
            text.push_str(&format!("\nLayer {}:\n", resource.layer));
        }
        text.push_str(&format!("  {} ({}): {}\n", resource.name, resource.kind, first(entry, facts)));
        if let Some(what) = deletes(entry, facts) {
            text.push_str(&format!("    DELETES {what}\n"));
        }
    }
    // A dry run is not sent as a message, so it shows everything.
    if manifest.dry_run { text } else { cut(&text, LONGEST) }
}

/// The database that one resource deletes on its way.
fn deletes(Entry { kind, setting, words, .. }: &Entry, facts: &Facts) -> Option<String> {
    kind.deletes(facts.known_to(&kind.needs(setting), words).ok()?, setting)
}

/// The first change of one resource.
fn first(entry: &Entry, facts: &Facts) -> String {
    let Entry { kind, setting, words, .. } = entry;
    let known = match facts.known_to(&kind.needs(setting), words) {
        Ok(known) => known,
        Err(gap) => return format!("not examined: {gap}"),
    };
    match kind.next(known, &kind.mark(known, setting), setting) {
        Next::Ask { region, change, then }
        | Next::Adjust { region, change, then, .. }
        | Next::AskInOrder { region, change, then, .. } => {
            format!("{} in {region}: {then}", change.action())
        }
        Next::Wait(what) | Next::Adjusting { what, .. } => format!("waits: {what}"),
        Next::Done | Next::UpBut(_) | Next::Tidy { .. } => {
            let result = kind.outcome(known, setting).map(|outcome| outcome.in_words(None));
            format!("is already done{}", result.unwrap_or_default())
        }
        Next::Failed(why) => format!("depends on an earlier layer: {why}"),
    }
}
