//! The program of the Lambda function `destination-delete`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilot_light_aws::serve(destination_delete::DestinationDelete)
}
