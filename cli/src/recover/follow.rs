//! Watches an execution: what is up, what is waited for, and for how long.
//!
//! Interrupting it changes nothing; a connection that breaks is made again.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use destination_recover::Progress;
use pilot_light_aws::{Execution, ExecutionState};
use pilot_light_domain::errors::GatewayError;
use serde_json::{Value, json};

use super::{Session, view};
use crate::command::Output;
use crate::fault::Fault;
use crate::render;

/// The state machine looks every 15 seconds; asking oftener tells nothing new.
const BETWEEN: Duration = Duration::from_secs(5);
/// Ten minutes without an answer are no hiccup.
const PATIENCE: u32 = 120;

/// Watches until it is over.
pub(super) async fn run(session: &Session, execution: &str, output: Output) -> Result<(String, bool), Fault> {
    let executions = session.cloud.executions();
    let mut screen = Screen::new(output);
    screen.note(&format!("{execution}\nCtrl-C ends the watching, not the recovery."));
    let mut failures = 0;
    let mut last = None;
    loop {
        match executions.look(execution).await {
            Ok(seen) => {
                failures = 0;
                last = progress(&seen).or(last);
                screen.show(&view::of(&seen, last.as_ref(), pilot_light_aws::clock()));
                if seen.state != ExecutionState::Running {
                    return Ok(ended(&seen, last.as_ref(), output));
                }
            }
            Err(error) if error.kind.name().is_retryable() && failures < PATIENCE && !is_unknown(&error) => {
                failures += 1;
                let text = format!("no answer ({}); asking again, {failures} of {PATIENCE}", error.code);
                screen.show(&view::View::message(text));
            }
            Err(error) => return Err(Fault::Failure(format!("cannot look at {execution}: {error}"))),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

fn is_unknown(error: &GatewayError) -> bool {
    error.kind == pilot_light_domain::errors::GatewayErrorKind::NotFound
}

/// The newest progress that anything in the execution told.
fn progress(seen: &Execution) -> Option<Progress> {
    let of = |said: &Value| {
        let inner = said.get("progress").unwrap_or(said);
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
        Output::Json => render::json(&json!({"succeeded": is_well, "progress": progress})),
        Output::Text => match &seen.state {
            ExecutionState::Failed { how, error, cause } => format!("{how}: {error}\n{cause}"),
            _ => progress.map(|progress| progress.message.clone()).unwrap_or_default(),
        },
    };
    (text, is_well)
}

/// Where people watch: drawn over on a terminal, else a new block only when something changed.
struct Screen {
    output: Output,
    is_terminal: bool,
    shown: String,
}

impl Screen {
    fn new(output: Output) -> Self {
        Self { output, is_terminal: std::io::stderr().is_terminal(), shown: String::new() }
    }

    fn note(&self, text: &str) {
        if self.output == Output::Text {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    fn show(&mut self, view: &view::View) {
        if self.output == Output::Json {
            return;
        }
        let text = if self.is_terminal { view.whole() } else { view.changing().to_owned() };
        if !self.is_terminal && text == self.shown {
            return;
        }
        let up = if self.is_terminal { self.shown.lines().count() } else { 0 };
        let back = if up > 0 { format!("\x1b[{up}A\x1b[J") } else { String::new() };
        let _ = write!(std::io::stderr(), "{back}{text}");
        self.shown = text;
    }
}
