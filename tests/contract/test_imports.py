"""The reader of imports finds each form in which one Rust file can import from another, and takes nothing else for an import."""

import pytest

from checks.imports import circles, imports_of, refusals

# `model` is below `rules`, and `rules::due` defines `f`.
CRATE = {
    "lib.rs": "pub mod model; pub mod rules;",
    "model/mod.rs": "pub mod arn;",
    "model/arn.rs": "",
    "rules/mod.rs": "pub mod due; pub mod safety;",
    "rules/due.rs": "pub fn f() {} pub mod inner { pub fn g() {} }",
    "rules/safety.rs": "pub fn x() {}",
}


def planted(folder, files):
    for name, text in {**CRATE, **files}.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("text", [
    "use crate::rules::due::f;",
    "use crate::rules::due;",
    "use crate::rules::due::*;",
    "use crate::rules::due::made_by_a_macro;",
    "use crate::{model::arn, rules::{due::{self, f}}};",
    "use crate::rules::due::inner::g;",
    "pub use crate::rules::due::f;",
    "pub(crate) use crate::rules::due::f;",
    "pub(super) use crate::rules::due::f;",
    "pub(in crate::model) use crate::{rules::due::f};",
    "use crate::rules::due::f as x;",
    "use self::super::super::rules::due::f;",
    "fn x() { self::super::super::rules::due::f() }",
    "use crate as root; fn x() { root::rules::due::f() }",
    "use super::super as up; fn x() { up::rules::due::f() }",
    "use crate::{self as r}; fn x() { r::rules::due::f() }",
    "use crate::rules as r; use r::due as d; fn x() { d::f() }",
    "use crate::*; fn x() { rules::due::f() }",
    "fn x() { crate::rules::due::f() }",
    "fn x() { crate :: rules\n  :: due::f() }",
    "fn x() { crate::r#rules::r#due::f() }",
    "fn x() { use crate::{rules::due}; due::f() }",
    'const X: (&str, fn()) = ("https://x", crate::rules::due::f);',
    'const X: (&str, fn()) = (r#""//"#, crate::rules::due::f);',
    "const X: (char, fn()) = ('\"', crate::rules::due::f); // \"",
    "fn x<'a>() { crate::rules::due::f() }",
    "/* /* nested */ */ use crate::rules::due::f;",
    "macro_rules! m { () => { $crate::rules::due::f() } }",
    "#[cfg(test)] mod tests { fn x() {} } use crate::rules::due::f;",
    "#[cfg(not(test))] use crate::rules::due::f;",
    "#[cfg(all(unix, not(test)))] use crate::rules::due::f;",
    "#[cfg(test)] const X: u8 = 1; use crate::rules::due::f;",
    "mod inner { use super::super::super::rules::due::f; }",
])
def test_every_form_of_an_import_is_found(tmp_path, text):
    assert "rules/due.rs" in imports_of(planted(tmp_path, {"model/arn.rs": text}))["model/arn.rs"]


@pytest.mark.parametrize("files", [
    {"lib.rs": "pub mod model; pub mod rules; pub use rules::due::f;", "model/arn.rs": "use crate::f;"},
    {"lib.rs": "pub mod model; pub mod rules; pub use self::rules::due::*;", "model/arn.rs": "use crate::f;"},
    {"lib.rs": "pub mod model; pub mod rules; pub use rules::due::f as y;", "model/arn.rs": "use crate::y;"},
    {"lib.rs": "pub mod model; pub mod rules; use rules::due as d;", "model/arn.rs": "fn x() { crate::d::f() }"},
    {"rules/mod.rs": "pub mod due; pub mod safety; pub use due::*;", "model/arn.rs": "use crate::rules::f;"},
])
def test_a_reexport_counts_as_an_import_of_the_file_that_defines_the_item(tmp_path, files):
    assert "rules/due.rs" in imports_of(planted(tmp_path, files))["model/arn.rs"]


@pytest.mark.parametrize("text", ["fn x() { rules::due::f() }", "use rules::due::f;", "const X: fn() = self::rules::due::f;"])
def test_the_imports_of_the_root_are_found(tmp_path, text):
    assert imports_of(planted(tmp_path, {"lib.rs": f"pub mod model; pub mod rules; {text}"}))["lib.rs"] == {"rules/due.rs"}


@pytest.mark.parametrize("name", ["testing", "tests"])
def test_a_file_that_is_named_as_a_test_is_read_if_it_is_always_compiled(tmp_path, name):
    crate = planted(tmp_path, {"model/mod.rs": f"pub mod {name};", f"model/{name}.rs": "use crate::rules::due::f;"})
    assert imports_of(crate)[f"model/{name}.rs"] == {"rules/due.rs"}


@pytest.mark.parametrize("text", [
    "/* crate::rules::due */",
    "/// crate::rules::due\n// use crate::rules::due::f;",
    'const X: &str = "crate::rules::due";',
    'const X: &str = r#"use "crate::rules::due";"#;',
    "#[cfg(test)] use crate::rules::due::f;",
    "#[cfg(test)] fn x<A, B>() { crate::rules::due::f() }",
    "#[cfg(test)] pub(crate) mod x;",
    "#[cfg(test)] #[allow(dead_code)] pub(crate) mod x { use crate::rules::due::f; }",
    '#[cfg(any(test, feature = "testing"))] pub mod x { use crate::rules::due::f; }',
    "struct X { #[cfg(test)] x: crate::rules::due::X, y: u8 }",
    "#![cfg(test)] use crate::rules::due::f;",
    "pub(in crate::rules::due) fn x() {}",
    "use ::rules::due::f;",
    "use std::rules::due::f; fn x() { due::f(); String::new() }",
    "fn x() { due::f() }",
])
def test_comments_strings_tests_and_other_crates_are_no_imports(tmp_path, text):
    crate = planted(tmp_path, {"model/arn.rs": text, "model/arn/x.rs": "use crate::rules::due::f;"})
    assert imports_of(crate)["model/arn.rs"] == set()


@pytest.mark.parametrize("files", [
    {"rules/due.rs": "pub(crate) use super::safety::x; pub fn f() {}"},
    {"rules/due.rs": "use self::super::safety::x; pub fn f() {}"},
    {"rules/due.rs": "use super::x; pub fn f() {}", "rules/mod.rs": "pub mod due; pub mod safety; pub use safety::x;"},
    {"rules/due.rs": "use super::x; pub fn f() {}", "rules/mod.rs": "pub mod due; pub mod safety; pub use safety::*;"},
    {"rules/due.rs": "use crate::rules as r; fn y() { r::safety::x() } pub fn f() {}"},
])
def test_a_circle_of_two_siblings_is_found(tmp_path, files):
    crate = planted(tmp_path, {"rules/safety.rs": "use super::due::f; pub fn x() {}", **files})
    assert circles(imports_of(crate)) == [["rules/due.rs", "rules/safety.rs"]]


@pytest.mark.parametrize("call", ["fn y() { due::f() }", "use due::f;", "fn y() { self::due::f() }", "use self::due::f as g;"])
def test_a_circle_of_a_module_and_its_child_is_found(tmp_path, call):
    parent = f"pub mod due; pub mod safety; struct Session; {call}"
    crate = planted(tmp_path, {"rules/mod.rs": parent, "rules/due.rs": "use super::Session; pub fn f() {}"})
    assert circles(imports_of(crate)) == [["rules/due.rs", "rules/mod.rs"]]


def test_a_circle_with_the_root_of_a_program_is_found(tmp_path):
    files = {"lib.rs": "", "main.rs": "mod a; fn main() { a::b() } fn c() {}", "a.rs": "pub fn b() { crate::c() }"}
    crate = planted(tmp_path, files)
    (crate / "src/lib.rs").unlink()
    assert circles(imports_of(crate)) == [["a.rs", "main.rs"]]


def test_a_module_that_reexports_its_children_is_not_in_a_circle_with_them(tmp_path):
    crate = planted(tmp_path, {"rules/mod.rs": "mod due; mod safety; pub use due::f;", "rules/due.rs": "use super::safety::x;"})
    assert circles(imports_of(crate)) == []


def test_a_circle_of_three_files_is_found():
    assert circles({"a.rs": {"b.rs"}, "b.rs": {"c.rs"}, "c.rs": {"a.rs"}, "d.rs": {"a.rs"}}) == [["a.rs", "b.rs", "c.rs"]]


@pytest.mark.parametrize("name,text,form", [
    ("model/arn.rs", '#[path = "../rules/due.rs"] mod x;', "#[path]"),
    ("model/arn.rs", '#[cfg_attr(unix, path = "../rules/due.rs")] mod x;', "#[path]"),
    ("model/arn.rs", 'include!("../rules/due.rs");', "include!"),
    ("rules/due.rs", "#[macro_export] macro_rules! start { () => {} }", "#[macro_export]"),
    ("lib.rs", "#[macro_use] mod rules;", "#[macro_use]"),
    ("lib.rs", "extern crate self as me;", "extern crate"),
    ("main.rs", "mod command;", "a module of a binary"),
    ("bin/prove.rs", "mod command;", "a module of a binary"),
])
def test_forms_that_hide_an_import_are_refused(tmp_path, name, text, form):
    assert list(refusals(planted(tmp_path, {name: text}))) == [(name, form)]


@pytest.mark.parametrize("text", [
    'const X: &str = include_str!("x.txt"); // include!("x.rs")',
    'fn x() { let path = "a"; }',
    'extern "C" {}',
])
def test_similar_forms_are_not_refused(tmp_path, text):
    assert list(refusals(planted(tmp_path, {"model/arn.rs": text}))) == []
