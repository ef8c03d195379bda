//! The program of the Lambda function `destination-copy`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilot_light_aws::serve(destination_copy::DestinationCopy)
}
