//! Reads the file of a manifest. The worker checks its meaning.

use std::path::Path;

use destination_recover::from_text;
use serde_json::Value;

use crate::exit::CommandError;

/// The byte order marks of UTF-16. Some shells write it when the output of a command goes to a file.
const UTF_16: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// Reads a manifest from a file. Every error names the file.
pub(super) fn read(path: &Path) -> Result<Value, CommandError> {
    let read = if path.is_dir() {
        Err("it is a directory; give a JSON file".to_owned())
    } else {
        std::fs::read(path).map_err(|error| error.to_string()).and_then(|bytes| of_bytes(&bytes))
    };
    read.map_err(|why| CommandError::WrongUse(format!("{}: {why}", path.display())))
}

fn of_bytes(bytes: &[u8]) -> Result<Value, String> {
    if UTF_16.iter().any(|mark| bytes.starts_with(mark)) {
        return Err("it is UTF-16; save it as UTF-8".to_owned());
    }
    let text = str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not UTF-8; save the file as UTF-8")
    })?;
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err("it is empty; `pilot-light recover template` writes a manifest".to_owned());
    }
    from_text(text).map_err(|why| format!("it {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_byte_order_mark_of_utf_8_is_accepted() {
        assert_eq!(of_bytes(b"\xef\xbb\xbf{\"a\": 1}"), Ok(json!({"a": 1})));
    }

    #[test]
    fn a_file_that_holds_no_manifest_is_refused_with_its_reason() {
        let empty = "it is empty; `pilot-light recover template` writes a manifest";
        let rows: [(&[u8], &str); 6] = [
            (b"", empty),
            (b" \n", empty),
            (b"\xef\xbb\xbf", empty),
            (b"{}\n\xe4", "line 2 is not UTF-8; save the file as UTF-8"),
            (b"\xff\xfe{\0}\0", "it is UTF-16; save it as UTF-8"),
            (b"{\"a\": 1,\n\"a\": 2}", "it has a key twice in one object: line 2, 'a'; remove one of them"),
        ];
        for (bytes, said) in rows {
            assert_eq!(of_bytes(bytes), Err(said.to_owned()));
        }
    }

    #[test]
    fn every_error_names_the_file() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
        let refused = |path: &Path| read(path).unwrap_err().to_string();
        let said = format!("{}: it is a directory; give a JSON file", directory.display());
        assert_eq!(refused(directory), said);
        let missing = directory.join("missing.json");
        assert!(refused(&missing).starts_with(&missing.display().to_string()), "{}", refused(&missing));
    }
}
