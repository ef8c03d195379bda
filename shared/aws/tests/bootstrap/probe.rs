//! A worker for the tests of the bootstrap. Its parameter `Behaviour` determines the outcome of a run.

use pilot_light_domain::aws::cloud::Cloud;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::run::context::Context;
use pilot_light_domain::run::effects::Outcome;
use pilot_light_domain::run::error::WorkerError;
use pilot_light_domain::run::plan::{Action, Plan};
use pilot_light_domain::run::report::Report;
use pilot_light_domain::run::worker;
use pilot_light_domain::run::worker::Worker;

pub(crate) struct Probe;

#[derive(Clone)]
struct Take;

impl Action for Take {
    fn verb(&self) -> &'static str {
        "take"
    }

    fn subject(&self) -> String {
        "orders".to_owned()
    }

    fn detail(&self) -> String {
        String::new()
    }
}

impl Worker for Probe {
    fn name(&self) -> &'static str {
        "source-probe"
    }

    async fn run<C: Cloud>(&self, cloud: &C, context: &Context) -> Result<Report, WorkerError> {
        let parameters = worker::read_parameters(cloud).await?;
        tracing::info!(target: "source_probe", "chatter");
        let result = match parameters.get("Behaviour").map(String::as_str) {
            Some("misconfigured") => {
                return Err(WorkerError::InvalidConfiguration(
                    "KeepLast is 'none'; give a number".to_owned(),
                ));
            }
            Some("panicking") => panic!("a broken invariant"),
            Some("failing") => Err(GatewayError::of_code("CreateDBSnapshot", "Throttling", "Rate exceeded")),
            _ => Ok(pilot_light_domain::run::effects::Effect::Done),
        };
        let plan = Plan { actions: vec![Take], ..Plan::default() };
        let outcome = Outcome { verb: "take", subject: "orders".to_owned(), detail: String::new(), result };
        Ok(worker::conclude(self.name(), context, &plan, || async { vec![outcome] }).await)
    }
}
