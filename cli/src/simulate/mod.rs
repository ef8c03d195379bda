//! `pilot-light simulate`: simulates the workers of a configuration and writes the figures.
//!
//! The simulation itself is the crate [`pilot_light_simulation`].

mod arguments;
mod faults;
#[cfg(test)]
mod tests;
mod text;

use chrono::TimeDelta;
use pilot_light_schedule::configuration::Configuration;
use pilot_light_simulation::{bound, run as run_scenario};

use self::arguments::Preset;
pub(crate) use self::arguments::{Arguments, copy_modes};
pub(crate) use self::text::Simulated;
use crate::exit::CommandError;
use crate::parameters_yaml;

/// The RPO for which a schedule is proposed.
const RPO: TimeDelta = TimeDelta::hours(1);

/// Simulates every seed, side by side on all cores, sums up the results, and writes the chart if one is requested.
pub(crate) fn run(arguments: &Arguments) -> Result<Simulated, CommandError> {
    let configuration = configuration(arguments)?;
    let scenario = arguments.scenario();
    scenario.check().map_err(CommandError::WrongUse)?;
    let summary = run_scenario(&scenario, &configuration).map_err(CommandError::Failure)?;
    let simulated = Simulated::new(summary, arguments);
    if let Some(path) = &arguments.chart {
        let failure = |error| CommandError::Failure(format!("cannot write {}: {error}", path.display()));
        std::fs::write(path, simulated.page()).map_err(failure)?;
    }
    Ok(simulated)
}

/// The configuration that the arguments name.
fn configuration(arguments: &Arguments) -> Result<Configuration, CommandError> {
    let configuration = match (&arguments.config, arguments.schedule) {
        (Some(directory), _) => parameters_yaml::configuration(directory),
        (None, Preset::Default) => Configuration::usual(),
        (None, Preset::Hourly) => Configuration::hourly(),
        (None, Preset::Legacy) => Configuration::legacy(),
        (None, Preset::Proposed) => Configuration::proposed(RPO, &bound::conditions(&arguments.scenario())),
    };
    configuration.map_err(CommandError::WrongUse)
}
