//! The value of `--faults`: the name of a preset, `crash`, or a TOML file.
//!
//! `pilot_light_simulator::faults` checks the content of a plan. This module adds file and line to its errors.

use std::path::Path;
use std::str::FromStr;

use pilot_light_simulation::scenario::Faults;
use pilot_light_simulator::faults::{FaultPlan, PRESETS, nearest};

/// Faults with the name or file by which the user gave them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamedFaults {
    pub(crate) name: String,
    pub(crate) faults: Faults,
}

/// The name of the faults with which each seed kills a worker at a different call.
const CRASH: &str = "crash";

impl FromStr for NamedFaults {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let faults = if text == CRASH { Faults::Crash } else { Faults::Plan(plan(text)?) };
        Ok(Self { name: text.to_owned(), faults })
    }
}

/// The plan with this name, or the plan in this file.
fn plan(text: &str) -> Result<FaultPlan, String> {
    if let Some(plan) = FaultPlan::of_name(text) {
        return Ok(plan);
    }
    if !Path::new(text).exists() {
        let meant = nearest(text, &[PRESETS.as_slice(), &[CRASH]].concat())
            .map(|name| format!("; did you mean '{name}'?"));
        let meant = meant.unwrap_or_default();
        return Err(format!("unknown faults '{text}': give none, default, hostile, crash or a file{meant}"));
    }
    let written = std::fs::read_to_string(text).map_err(|error| format!("cannot read '{text}': {error}"))?;
    read(text, &written)
}

/// The plan in `written`, the content of `file`.
fn read(file: &str, written: &str) -> Result<FaultPlan, String> {
    toml::from_str(written).map_err(|error| {
        // If the span of an error is the whole file, a line number would be of no help.
        let line = error.span().filter(|span| span.len() < written.trim_end().len());
        let line = line.and_then(|span| written.get(..span.start));
        let line = line.map(|before| format!(":{}", before.matches('\n').count() + 1));
        format!("{file}{}: {}", line.unwrap_or_default(), error.message().trim_end())
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use pilot_light_simulator::faults::{Kind, Scripted, Side};

    use super::*;

    #[test]
    fn an_invalid_fault_plan_is_rejected_naming_file_line_and_allowed_values() {
        for (written, expected) in [
            (
                "[rates]\nthrottled = 0.1\nregion_outag = 1\n",
                "f:3: unknown fault 'region_outag': did you mean 'region_outage'? give one of throttled, ",
            ),
            ("[rates]\nearthquake = 1\n", "f:2: unknown fault 'earthquake': give one of throttled, "),
            (
                "[rates]\n\nthrottled = 1.5\n",
                "f:3: the rate of throttled is 1.5, but it is a share: give 0 to 1",
            ),
            (
                "[rates]\nfull_quota = 1\nregion_outage = 25\n",
                "f:3: the rate of region_outage is 25, but it is a number of times a day: give 0 to 24",
            ),
            ("[rates]\nthrottled = true\n", "f:2: invalid type: boolean `true`, expected a number"),
            ("[rates]\nthrottled = 0.1\nthrottled = 0.2\n", "f:3: duplicate key"),
            (
                "# a\n[rate]\nthrottled = 0.1\n",
                "f:2: unknown field `rate`, expected one of `based_on`, `rates`, `lasting`, `script`",
            ),
            (
                "# a\nbased_on = \"deflt\"\n",
                "f:2: unknown faults 'deflt': did you mean 'default'? give none, default or hostile",
            ),
            (
                "[lasting]\nhung_copy = \"2h\"\ndisabled_key = \"2h..1h\"\n",
                "f:3: '2h..1h' is not a span: give A..B such as 30m..8h",
            ),
            (
                "[lasting]\nhung_copy = 60\n",
                "f:2: invalid type: integer `60`, expected a span of time as text, such as \"30m..8h\"",
            ),
            ("[lasting]\n\nthrottled = \"2h\"\n", "f:3: throttled is over at once"),
            (
                "[[script]]\nfault = \"region_outage\"\nafter = \"2d\"\nlasts = \"8\"\n",
                "f:4: '8' is not a time: give a number and a unit",
            ),
            (
                "[[script]]\nfault = \"region_outage\"\nafter = \"2d\"\nlasts = \"0h\"\n",
                "f:4: a fault in the script has no duration",
            ),
            (
                "[[script]]\nfault = \"throttled\"\nafter = \"2d\"\nlasts = \"1h\"\n",
                "f:2: throttled strikes calls, schedules or snapshots",
            ),
            ("# a\n\n[[script]]\nfault = \"region_outage\"\nafter = \"2d\"\n", "f:3: missing field `lasts`"),
            (
                "[[script]]\nfault = \"region_outage\"\nafter = \"2d\"\nlasts = \"1h\"\nwhere = \"source\"\n",
                "f:5: unknown field `where`, expected one of",
            ),
            (
                "[[script]]\nfault = \"region_outage\"\nafter = \"2d\"\nlasts = \"1h\"\nside = \"left\"\n",
                "f:5: unknown variant `left`, expected `source` or `destination`",
            ),
            (
                "[rates]\nthrottled = 0.6\nserver_error = 0.6\n",
                "f: the rates of faults in calls add up to more than 1",
            ),
            ("[rates]\nthrottled = \n", "f:2: "),
        ] {
            let error = read("f", written).unwrap_err();
            assert!(error.starts_with(expected), "{written}\n{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_preset_is_found_by_its_name_and_a_misspelt_name_gets_a_suggestion() {
        assert_eq!(plan("hostile"), Ok(FaultPlan::hostile()));
        let message =
            "unknown faults 'hostil': give none, default, hostile, crash or a file; did you mean 'hostile'?";
        assert_eq!(plan("hostil"), Err(message.to_owned()));
        let message = "unknown faults 'storm.toml': give none, default, hostile, crash or a file";
        assert_eq!(plan("storm.toml"), Err(message.to_owned()));
    }

    #[test]
    fn a_path_that_cannot_be_read_is_reported() {
        let error = plan(env!("CARGO_MANIFEST_DIR")).unwrap_err();
        assert!(error.starts_with("cannot read '") && error.contains("directory"), "{error}");
    }

    #[test]
    fn the_example_in_docs_faults_md_contains_the_faults_that_its_comment_describes() {
        let page = include_str!("../../../docs/faults.md");
        let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let plan = read("docs/faults.md", example).unwrap();
        let outage = Scripted {
            fault: Kind::RegionOutage,
            after: TimeDelta::days(2),
            lasts: TimeDelta::hours(8),
            side: Some(Side::Destination),
        };
        assert_eq!(plan.script(), [outage]);
        assert_eq!(plan.rate(Kind::ServerError), FaultPlan::default_faults().rate(Kind::ServerError));
        assert_ne!(plan.rate(Kind::Throttled), FaultPlan::default_faults().rate(Kind::Throttled));
        assert_ne!(plan.lasting(Kind::HungCopy), FaultPlan::default_faults().lasting(Kind::HungCopy));
    }
}
