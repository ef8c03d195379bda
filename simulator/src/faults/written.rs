//! A fault plan as it is written in a file. Each value is checked where it is read, so that an error has its line.
//!
//! The allowed values are in `limits`. The caller chooses the notation of the file.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::kind::Kind;
use super::lasting::Span;
use super::limits::{InvalidPlan, check_lasting, check_rate};
use super::plan::{FaultPlan, Scripted};
use super::presets::UnknownPreset;

/// A plan that has not yet been checked as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    #[serde(default)]
    based_on: Base,
    #[serde(default)]
    rates: PerKind<Rate>,
    #[serde(default)]
    lasting: PerKind<Span>,
    #[serde(default)]
    script: Vec<Scripted>,
}

/// The preset that a plan starts from: without one, a plan without faults.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "String")]
struct Base(FaultPlan);

/// Values for some kinds.
#[derive(Debug)]
struct PerKind<V>(BTreeMap<Kind, V>);

/// A value that can be given for a kind, and the check whether that kind allows it.
trait OfKind: for<'de> Deserialize<'de> {
    fn check(&self, kind: Kind) -> Result<(), InvalidPlan>;
}

/// The rate of a kind.
#[derive(Debug, Clone, Copy)]
struct Rate(f64);

impl Draft {
    /// The plan that results: the values of this draft override those of its preset.
    fn plan(self) -> FaultPlan {
        let Base(mut plan) = self.based_on;
        plan.rates.extend(self.rates.0.into_iter().map(|(kind, Rate(rate))| (kind, rate)));
        plan.lasting.extend(self.lasting.0);
        plan.script.extend(self.script);
        plan
    }
}

impl<'de> Deserialize<'de> for FaultPlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Draft::deserialize(deserializer)?.plan().checked().map_err(D::Error::custom)
    }
}

impl TryFrom<String> for Base {
    type Error = UnknownPreset;
    fn try_from(name: String) -> Result<Self, UnknownPreset> {
        FaultPlan::of_name(&name).map(Self).ok_or(UnknownPreset(name))
    }
}

impl OfKind for Rate {
    fn check(&self, kind: Kind) -> Result<(), InvalidPlan> {
        check_rate(kind, self.0)
    }
}

impl OfKind for Span {
    fn check(&self, kind: Kind) -> Result<(), InvalidPlan> {
        check_lasting(kind)
    }
}

impl<V> Default for PerKind<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, V: OfKind> Deserialize<'de> for PerKind<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KindsOf(PhantomData)).map(Self)
    }
}

struct KindsOf<V>(PhantomData<V>);

impl<'de, V: OfKind> Visitor<'de> for KindsOf<V> {
    type Value = BTreeMap<Kind, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of faults")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(kind) = map.next_key()? {
            values.insert(kind, map.next_value_seed(ValueOf(kind, PhantomData))?);
        }
        Ok(values)
    }
}

struct ValueOf<V>(Kind, PhantomData<V>);

impl<'de, V: OfKind> DeserializeSeed<'de> for ValueOf<V> {
    type Value = V;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V, D::Error> {
        let value = V::deserialize(deserializer)?;
        value.check(self.0).map_err(D::Error::custom)?;
        Ok(value)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(Number).map(Self)
    }
}

struct Number;

impl Visitor<'_> for Number {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }
}
