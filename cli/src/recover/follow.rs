//! Follows an execution of the state machine and shows its progress until it ends.
//!
//! An interruption does not affect the recovery. If AWS does not answer, the program tries again.

use std::io::Write;
use std::time::Duration;

use destination_recover::Progress;
use pilot_light_aws::{AwsCloud, Execution, ExecutionState};
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use pilot_light_domain::run::error::WorkerError;
use serde_json::{Value, json};

use super::arn::StatesArn;
use super::screen::Screen;
use super::view;
use crate::exit::CommandError;
use crate::output::Output;
use crate::report_text;
use crate::session::{Place, account, connect};
use crate::side::Side;

/// The time between two looks. The state machine itself checks every 15 seconds, so more frequent looks show nothing new.
const BETWEEN: Duration = Duration::from_secs(5);
/// The number of unanswered looks in a row after which the program gives up. They take ten minutes.
const PATIENCE: u32 = 120;

const INTERRUPT: &str = "Ctrl-C stops this display only. The recovery continues.";

/// Follows an execution that somebody has started. Its ARN determines the account and the Region, and no parameters are read.
pub(super) async fn any(
    place: &Place,
    execution: &StatesArn,
    output: Output,
) -> Result<(String, bool), CommandError> {
    let region = &execution.region;
    if let Some(other) = place.region.as_ref().filter(|other| *other != region) {
        let said = format!("the execution runs in {region}, and --region is {other}; leave out --region");
        return Err(CommandError::WrongUse(said));
    }
    let (cloud, _) = connect(Side::Destination.path(), Some(region)).await?;
    let (own, of) = (account(&cloud).await?, &execution.account);
    if own != *of {
        let said = format!(
            "the execution belongs to account {of}, but these credentials belong to account {own}; use those of {of} (AWS_PROFILE)"
        );
        return Err(CommandError::WrongUse(said));
    }
    run(&cloud, execution.as_str(), output).await
}

/// Follows an execution until it ends. Returns the text to print, and true if the execution succeeded.
pub(super) async fn run(
    cloud: &AwsCloud,
    execution: &str,
    output: Output,
) -> Result<(String, bool), CommandError> {
    let executions = cloud.executions();
    let mut screen = Screen::new(output);
    let look = async || executions.look(execution).await;
    let (seen, last) = until_it_ends(look, execution, &mut screen)
        .await
        .map_err(|error| CommandError::Failure(not_followed(execution, &error)))?;
    Ok(ended(&seen, last.as_ref(), output))
}

fn not_followed(execution: &str, error: &GatewayError) -> String {
    let said = format!("cannot follow {execution}: {error}");
    if error.kind != GatewayErrorKind::NotFound {
        return said;
    }
    format!(
        "{said}; check the ARN: `aws stepfunctions list-executions --state-machine-arn ARN` lists the executions of the last 90 days"
    )
}

/// Shows the execution until it ends. Returns its end, and the newest progress.
async fn until_it_ends<W: Write>(
    look: impl AsyncFn() -> Result<Execution, GatewayError>,
    execution: &str,
    screen: &mut Screen<W>,
) -> Result<(Execution, Option<Progress>), GatewayError> {
    let mut failures = 0;
    let mut is_known = false;
    let mut last = None;
    loop {
        match look().await {
            Ok(seen) => {
                failures = 0;
                last = progress(&seen).or(last);
                let is_over = seen.state != ExecutionState::Running;
                if !std::mem::replace(&mut is_known, true) {
                    screen.note(&heading(execution, is_over));
                }
                screen.show(&view::of(&seen, last.as_ref(), pilot_light_aws::clock()));
                if is_over {
                    return Ok((seen, last));
                }
            }
            Err(error) if is_passing(&error) && failures < PATIENCE => {
                failures += 1;
                let text = format!("{error}; trying again, {failures} of {PATIENCE}");
                screen.show(&view::View::message(text));
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// The lines above the progress. They are written once it is known that the execution exists.
fn heading(execution: &str, is_over: bool) -> String {
    if is_over { execution.to_owned() } else { format!("{execution}\n{INTERRUPT}") }
}

/// True for errors that can disappear by themselves. A missing execution, for example, stays missing.
fn is_passing(error: &GatewayError) -> bool {
    matches!(error.kind, GatewayErrorKind::Throttled | GatewayErrorKind::Unavailable)
}

/// The newest progress in the outputs of the execution and its states.
fn progress(seen: &Execution) -> Option<Progress> {
    let of = |value: &Value| {
        let inner = value.get("progress").unwrap_or(value);
        serde_json::from_value(inner.clone()).ok()
    };
    let output = match &seen.state {
        ExecutionState::Succeeded(output) => of(output),
        _ => None,
    };
    output.or_else(|| seen.said.iter().find_map(of))
}

fn ended(seen: &Execution, progress: Option<&Progress>, output: Output) -> (String, bool) {
    let is_well = matches!(seen.state, ExecutionState::Succeeded(_));
    let failure = match &seen.state {
        ExecutionState::Failed { how, error, cause } => Some((how, error, reason(cause))),
        _ => None,
    };
    let text = match (output, failure) {
        (Output::Json, None) => report_text::json(&json!({"succeeded": is_well, "progress": progress})),
        (Output::Json, Some((how, error, cause))) => report_text::json(
            &json!({"succeeded": is_well, "progress": progress, "failure": {"status": how, "error": error, "cause": cause}}),
        ),
        (Output::Text, Some((how, error, cause))) => format!("{how}: {error}\n{cause}"),
        (Output::Text, None) => progress.map(|progress| progress.message.clone()).unwrap_or_default(),
    };
    (text, is_well)
}

/// The cause of a failure as text. A worker's error arrives as the JSON that Lambda makes of it, with the text inside.
fn reason(cause: &str) -> String {
    let told = serde_json::from_str::<Value>(cause).ok();
    let text = told.as_ref().and_then(|told| told["errorMessage"].as_str()).unwrap_or(cause);
    // The reader wrote a manifest and no event.
    let preface = WorkerError::InvalidInput(String::new()).to_string();
    text.strip_prefix(&preface).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn seen(state: ExecutionState, said: Vec<Value>) -> Execution {
        let began = pilot_light_domain::testing::at("2026-01-01T00:00:00Z");
        Execution { state, began, ended: None, input: Value::Null, at: None, said }
    }

    fn no_answer(kind: GatewayErrorKind) -> GatewayError {
        GatewayError::new("DescribeExecution", kind, "timeout", "no answer")
    }

    fn progress_after(seconds: u64) -> Value {
        json!({"at": 0, "verdict": "waiting", "resources": [], "seconds": seconds, "rto_target_seconds": 1, "message": ""})
    }

    async fn displayed(
        answers: Vec<Result<Execution, GatewayError>>,
    ) -> (Result<(Execution, Option<Progress>), GatewayError>, String) {
        let answers = RefCell::new(answers.into_iter());
        let look = async || answers.borrow_mut().next().expect("no look follows the end");
        let mut screen = Screen::kept(Output::Text);
        let end = until_it_ends(look, "arn:x", &mut screen).await;
        (end, screen.text())
    }

    fn over() -> Execution {
        seen(ExecutionState::Succeeded(Value::Null), vec![])
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_without_an_answer_is_repeated() {
        let broken = || Err(no_answer(GatewayErrorKind::Unavailable));
        let running = seen(
            ExecutionState::Running,
            vec![json!({"layers": []}), json!({"progress": progress_after(7)}), progress_after(3)],
        );
        let (end, shown) = displayed(vec![broken(), Ok(running), broken(), broken(), Ok(over())]).await;
        let (last, progress) = end.unwrap();
        assert_eq!((last, progress.map(|progress| progress.seconds)), (over(), Some(7)));
        assert!(shown.contains(&format!("trying again, 1 of 120\narn:x\n{INTERRUPT}\n")), "{shown}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_permanent_error_is_reported_at_once_and_missing_answers_after_ten_minutes() {
        let unknown = no_answer(GatewayErrorKind::NotFound);
        let (end, shown) = displayed(vec![Err(unknown.clone())]).await;
        assert_eq!((end, shown.as_str()), (Err(unknown.clone()), ""), "nothing is said to continue");
        let silence = no_answer(GatewayErrorKind::Unavailable);
        let answers = (0..=PATIENCE).map(|_| Err(silence.clone())).collect();
        assert_eq!(displayed(answers).await.0, Err(silence.clone()));
        assert!(not_followed("arn:x", &unknown).contains("list-executions"));
        assert!(!not_followed("arn:x", &silence).contains("list-executions"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_execution_that_is_over_is_not_said_to_continue() {
        let (_, shown) = displayed(vec![Ok(over())]).await;
        assert_eq!(shown, "arn:x\n");
    }

    #[test]
    fn the_cause_of_a_refused_manifest_is_shown_as_text_line_by_line() {
        let problems = "nothing was changed; the manifest has 2 problems:\nlayer 1: a \"b\"\nlayer 2: c";
        let said = WorkerError::InvalidInput(problems.to_owned()).to_string();
        let cause = json!({"errorType": "InvalidInput", "errorMessage": said}).to_string();
        let failed = |cause: &str| ExecutionState::Failed {
            how: "FAILED".to_owned(),
            error: "InvalidInput".to_owned(),
            cause: cause.to_owned(),
        };
        let text = |cause: &str| ended(&seen(failed(cause), vec![]), None, Output::Text);
        assert_eq!(text(&cause), (format!("FAILED: InvalidInput\n{problems}"), false));
        for plain in ["orders failed", "{\"a\": 1}", "7"] {
            assert_eq!(text(plain).0, format!("FAILED: InvalidInput\n{plain}"));
        }
        let (json, _) = ended(&seen(failed(&cause), vec![]), None, Output::Json);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["failure"], json!({"status": "FAILED", "error": "InvalidInput", "cause": problems}));
    }
}
