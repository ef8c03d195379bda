//! The query protocol of RDS: a form in, XML out.

use hyper::Method;

use super::credentials::scope;
use super::params::Params;
use super::xml::Xml;
use super::{Front, Incoming, Outgoing, decode, encode, status};
use crate::world::ApiError;

pub(super) fn answer(front: &mut Front, incoming: Incoming<'_>, request_id: String) -> Outgoing {
    let (code, body) = match attempt(front, incoming, &request_id) {
        Ok(body) => (200, body),
        Err(error) => (error.http_status, refusal(&error, &request_id)),
    };
    Outgoing { status: status(code), content_type: "text/xml", request_id, body }
}

fn attempt(front: &mut Front, incoming: Incoming<'_>, request_id: &str) -> Result<String, ApiError> {
    if incoming.uri.path() != "/" || ![Method::GET, Method::POST].contains(incoming.method) {
        let message = format!("There is no {} {} here.", incoming.method, incoming.uri.path());
        return Err(ApiError { code: "MalformedInput", message, http_status: 404 });
    }
    let mut params = Params::default();
    params.extend(incoming.uri.query().unwrap_or_default().as_bytes());
    params.extend(incoming.body);
    let presigned = params.text("X-Amz-Credential");
    let scope = scope(incoming.headers, presigned.as_deref(), "rds")?;
    let request = decode::request(&params)?;
    let action = request.action();
    let response = front.call(scope, request, incoming.now)?;
    Ok(encode::response(action, &response, request_id))
}

/// An error as RDS writes it.
fn refusal(error: &ApiError, request_id: &str) -> String {
    Xml::root("ErrorResponse", |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", if error.http_status < 500 { "Sender" } else { "Receiver" });
            xml.text("Code", error.code);
            xml.text("Message", &error.message);
        });
        xml.text("RequestId", request_id);
    })
}
