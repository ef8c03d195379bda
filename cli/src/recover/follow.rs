//! Follows an execution of the state machine and shows its progress until it ends.
//!
//! An interruption does not affect the recovery. If AWS does not answer, the program tries again.

use std::time::Duration;

use destination_recover::Progress;
use pilot_light_aws::{Execution, ExecutionState};
use pilot_light_domain::aws::error::{GatewayError, GatewayErrorKind};
use serde_json::{Value, json};

use super::screen::Screen;
use super::session::Session;
use super::view;
use crate::exit::CommandError;
use crate::output::Output;
use crate::report_text;

/// The time between two looks. The state machine itself checks every 15 seconds, so more frequent looks show nothing new.
const BETWEEN: Duration = Duration::from_secs(5);
/// The number of unanswered looks in a row after which the program gives up. They take ten minutes.
const PATIENCE: u32 = 120;

/// Follows an execution until it ends. Returns the text to print, and true if the execution succeeded.
pub(super) async fn run(
    session: &Session,
    execution: &str,
    output: Output,
) -> Result<(String, bool), CommandError> {
    let executions = session.cloud.executions();
    let mut screen = Screen::new(output);
    screen.note(&format!("{execution}\nCtrl-C stops this display only. The recovery continues."));
    let (seen, last) = until_it_ends(async || executions.look(execution).await, &mut screen)
        .await
        .map_err(|error| CommandError::Failure(format!("cannot follow {execution}: {error}")))?;
    Ok(ended(&seen, last.as_ref(), output))
}

/// Shows the execution until it ends. Returns its end, and the newest progress.
async fn until_it_ends(
    look: impl AsyncFn() -> Result<Execution, GatewayError>,
    screen: &mut Screen,
) -> Result<(Execution, Option<Progress>), GatewayError> {
    let mut failures = 0;
    let mut last = None;
    loop {
        match look().await {
            Ok(seen) => {
                failures = 0;
                last = progress(&seen).or(last);
                screen.show(&view::of(&seen, last.as_ref(), pilot_light_aws::clock()));
                if seen.state != ExecutionState::Running {
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
    let text = match output {
        Output::Json => report_text::json(&json!({"succeeded": is_well, "progress": progress})),
        Output::Text => match &seen.state {
            ExecutionState::Failed { how, error, cause } => format!("{how}: {error}\n{cause}"),
            _ => progress.map(|progress| progress.message.clone()).unwrap_or_default(),
        },
    };
    (text, is_well)
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

    async fn followed(
        answers: Vec<Result<Execution, GatewayError>>,
    ) -> Result<(Execution, Option<Progress>), GatewayError> {
        let answers = RefCell::new(answers.into_iter());
        let look = async || answers.borrow_mut().next().expect("no look follows the end");
        until_it_ends(look, &mut Screen::new(Output::Json)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_without_an_answer_is_repeated() {
        let broken = || Err(no_answer(GatewayErrorKind::Unavailable));
        let running = seen(
            ExecutionState::Running,
            vec![json!({"layers": []}), json!({"progress": progress_after(7)}), progress_after(3)],
        );
        let over = seen(ExecutionState::Succeeded(Value::Null), vec![]);
        let end = followed(vec![broken(), Ok(running), broken(), broken(), Ok(over.clone())]).await;
        let (last, progress) = end.unwrap();
        assert_eq!((last, progress.map(|progress| progress.seconds)), (over, Some(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_permanent_error_is_reported_at_once_and_missing_answers_after_ten_minutes() {
        let unknown = no_answer(GatewayErrorKind::NotFound);
        assert_eq!(followed(vec![Err(unknown.clone())]).await, Err(unknown));
        let silence = no_answer(GatewayErrorKind::Unavailable);
        let answers = (0..=PATIENCE).map(|_| Err(silence.clone())).collect();
        assert_eq!(followed(answers).await, Err(silence));
    }
}
