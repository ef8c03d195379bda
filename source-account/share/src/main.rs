//! The program of the Lambda function `source-share`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilot_light_aws::serve(source_share::SourceShare)
}
