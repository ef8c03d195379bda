//! The program of the Lambda function `source-take`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilot_light_aws::serve(source_take::SourceTake)
}
