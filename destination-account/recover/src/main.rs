//! The Lambda function `destination-recover`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilot_light_aws::serve_operator(destination_recover::DestinationRecover)
}
