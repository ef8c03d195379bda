//! The program of the Lambda function `source-delete`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pilot_light_aws::serve(source_delete::SourceDelete)
}
