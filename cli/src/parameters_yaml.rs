//! Reads the parameters of a `sceptre/config` directory, as far as that is possible without Sceptre. The files are YAML
//! with Jinja in it.
//!
//! The values are checked by `pilot_light_schedule::configuration`.

use std::path::Path;

use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_schedule::configuration::{Configuration, DESTINATION, SOURCE};
use saphyr::{LoadableYamlNode, Scalar, Yaml};

/// Private-use characters that replace Jinja's brackets, because YAML would read the brackets as mappings.
const OPEN: &str = "\u{e000}";
const CLOSE: &str = "\u{e001}";

/// Reads `source/parameters.yaml` and `destination/parameters.yaml` of a `sceptre/config` directory.
///
/// # Errors
/// All problems together, each with its file and parameter.
pub(crate) fn configuration(directory: &Path) -> Result<Configuration, String> {
    if !directory.is_dir() {
        return Err(format!(
            "{} is no directory; give the one that contains source/parameters.yaml and destination/parameters.yaml, such as sceptre/config",
            directory.display()
        ));
    }
    let given = |account: &str, names: &[&'static str]| {
        let path = directory.join(account).join("parameters.yaml");
        let place = path.display().to_string();
        let values = read(&path, names);
        (place, values)
    };
    Configuration::checked(given("source", &SOURCE), given("destination", &DESTINATION))
}

/// The values that the file gives to `names`. A name without a value is absent.
fn read(path: &Path, names: &[&'static str]) -> Result<Parameters, Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(|error| vec![error.to_string()])?;
    values(&text, names)
}

fn values(text: &str, names: &[&'static str]) -> Result<Parameters, Vec<String>> {
    let text = without_statements(text).map_err(|why| vec![why])?.replace("{{", OPEN).replace("}}", CLOSE);
    let documents =
        Yaml::load_from_str(&text).map_err(|error| vec![format!("it is not valid YAML: {error}")])?;
    let parameters = documents.first().and_then(|document| document.as_mapping_get("parameters"));
    let Some(parameters) = parameters.filter(|parameters| parameters.is_mapping()) else {
        return Err(vec!["it has no `parameters:`".to_owned()]);
    };
    let given = names.iter().filter_map(|name| Some((*name, parameters.as_mapping_get(name)?)));
    let mut values = Parameters::new();
    let mut problems = Vec::new();
    for (name, node) in given {
        match value(node) {
            Ok(Some(value)) => drop(values.insert(name.to_owned(), value)),
            Ok(None) => {}
            Err(why) => problems.push(format!("{name}: {why}")),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

/// The text of a scalar, as Sceptre would pass it on. An empty value is `None`.
fn value(node: &Yaml<'_>) -> Result<Option<String>, String> {
    const REMEDY: &str = "which only Sceptre can resolve; write the value itself";
    let text = match node {
        Yaml::Value(Scalar::Null) => return Ok(None),
        Yaml::Value(Scalar::String(text)) => text.to_string(),
        Yaml::Value(Scalar::Integer(number)) => number.to_string(),
        Yaml::Value(Scalar::Boolean(flag)) => flag.to_string(),
        Yaml::Value(Scalar::FloatingPoint(number)) => number.to_string(),
        Yaml::Tagged(tag, _) => return Err(format!("it is given as !{}, {REMEDY}", tag.suffix)),
        _ => return Err("give one value, not a list or a mapping".to_owned()),
    };
    if text.contains(OPEN) {
        let text = text.replace(OPEN, "{{").replace(CLOSE, "}}");
        return Err(format!("it is given as '{text}', {REMEDY}"));
    }
    Ok(Some(text))
}

/// The text without Jinja's comments and statements. Loops over values from `--var-file` are removed as well, because
/// no such file is given here.
fn without_statements(text: &str) -> Result<String, String> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = [rest.find("{%"), rest.find("{#")].into_iter().flatten().min() {
        kept.push_str(&rest[..at]);
        let is_comment = rest[at..].starts_with("{#");
        let (inside, after) = rest[at + 2..]
            .split_once(if is_comment { "#}" } else { "%}" })
            .ok_or("a Jinja bracket is not closed")?;
        rest = after;
        if is_comment {
            continue;
        }
        let statement = inside.trim_matches('-').trim();
        match statement.split_whitespace().next() {
            Some("set" | "endset") => {}
            Some("for") if statement.contains("var.") => rest = after_loop(after)?,
            _ => {
                return Err(format!(
                    "it has the statement '{{% {statement} %}}', which only Sceptre can resolve; give a copy of the directory without it"
                ));
            }
        }
    }
    kept.push_str(rest);
    Ok(kept)
}

/// The text after the loop whose body begins here.
fn after_loop(body: &str) -> Result<&str, String> {
    let (inside, after) = body.split_once("endfor").ok_or("a Jinja loop is not closed")?;
    if inside.contains("{% for") || inside.contains("{%- for") {
        return Err("it has a Jinja loop in a loop; give a copy of the directory without it".to_owned());
    }
    after.split_once("%}").map(|(_, after)| after).ok_or_else(|| "a Jinja bracket is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use pilot_light_schedule::conditions::Phase;

    use super::*;

    const NAMES: [&str; 4] = ["BackupInterval", "RetentionDays", "KeepDaily", "CopySchedule"];

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        values(text, &NAMES)
            .map(|values| values.into_iter().collect())
            .map_err(|problems| problems.join("; "))
    }

    #[test]
    fn values_are_read_as_sceptre_passes_them_on() {
        let text = "template:\n  path: x.yaml\nparameters:\n  BackupInterval: 30m # comment\n  RetentionDays: 7\n  KeepDaily: \"7\"\n  CopySchedule: 0/5 * * * ? *\n  KmsKey: !stack_output a.yaml::Key\n  Other: {{ var.other }}\n{#- a comment {{ x }} #}\n{%- for name, value in (var.source | default({})).items() %}\n  {{ name }}: {{ value | tojson }}\n{%- endfor %}\n";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(text),
            Ok(vec![
                pair("BackupInterval", "30m"),
                pair("CopySchedule", "0/5 * * * ? *"),
                pair("KeepDaily", "7"),
                pair("RetentionDays", "7"),
            ])
        );
        assert_eq!(read("parameters:\n  RetentionDays:\n  KeepDaily: ~\n"), Ok(vec![]));
    }

    #[test]
    fn values_that_only_sceptre_can_resolve_are_rejected_with_a_remedy() {
        for (text, expected) in [
            (
                "parameters:\n  RetentionDays: {{ var.days }}\n",
                "RetentionDays: it is given as '{{ var.days }}', which only Sceptre",
            ),
            (
                "parameters:\n  RetentionDays: \"{{ var.days }}d\"\n",
                "'{{ var.days }}d', which only Sceptre can resolve; write",
            ),
            (
                "parameters:\n  KeepDaily: !stack_output a.yaml::B\n",
                "KeepDaily: it is given as !stack_output",
            ),
            (
                "parameters:\n{% if var.x %}\n  KeepDaily: 1\n{% endif %}\n",
                "'{% if var.x %}', which only Sceptre",
            ),
            ("parameters:\n{% for day in [1] %}\n  KeepDaily: 1\n{% endfor %}\n", "'{% for day in [1] %}'"),
            ("parameters:\n  KeepDaily: [1, 2]\n", "KeepDaily: give one value"),
            ("parameters:\n  KeepDaily: 1\n  KeepDaily: 2\n", "it is not valid YAML: duplicated key"),
            ("parameters:\n  a: [\n", "it is not valid YAML"),
            ("template: x\n", "it has no `parameters:`"),
            ("", "it has no `parameters:`"),
            ("parameters: {# not closed\n", "a Jinja bracket is not closed"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    fn sceptre() -> std::path::PathBuf {
        std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sceptre")
    }

    #[test]
    fn the_default_preset_equals_the_shipped_directory() {
        let (usual, read) =
            (Configuration::usual().unwrap(), configuration(&sceptre().join("config")).unwrap());
        assert_eq!(usual.cadence(), read.cadence());
        assert_eq!((usual.phase(), read.phase()), (Ok(Phase::OnTheClock), Ok(Phase::OnTheClock)));
        assert_eq!((usual.retentions(), usual.rpo()), (read.retentions(), read.rpo()));
        assert_eq!(usual.policies(), read.policies());
    }

    #[test]
    fn a_directory_without_both_files_is_rejected_naming_the_missing_files() {
        let missing = configuration(&sceptre().join("templates")).unwrap_err();
        assert_eq!(missing.lines().count(), 2, "{missing}");
        assert!(missing.contains("source/parameters.yaml: No such file"), "{missing}");
        assert!(configuration(&sceptre().join("nowhere")).unwrap_err().contains("is no directory; give"));
    }
}
