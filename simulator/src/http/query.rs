//! The query protocol of RDS, ElastiCache and EC2: a form in, XML out.

use hyper::Method;

use super::credentials::{scope, service_name};
use super::front::{Front, Incoming, Outgoing, status};
use super::params::Params;
use super::service::Service;
use super::xml::Xml;
use super::{decode, ec2, encode};
use crate::world::ApiError;

pub(super) fn answer(front: &mut Front, incoming: Incoming<'_>, request_id: String) -> Outgoing {
    let mut params = Params::default();
    params.extend(incoming.uri.query().unwrap_or_default().as_bytes());
    params.extend(incoming.body);
    let presigned = params.text("X-Amz-Credential");
    let service = Service::named(service_name(incoming.headers, presigned.as_deref()));
    let (code, body) = match attempt(front, incoming, (service, &params), &request_id) {
        Ok(body) => (200, body),
        Err(error) => (error.http_status, refusal(service, &error, &request_id)),
    };
    Outgoing { status: status(code), content_type: "text/xml", request_id, body }
}

fn attempt(
    front: &mut Front,
    incoming: Incoming<'_>,
    (service, params): (Service, &Params),
    request_id: &str,
) -> Result<String, ApiError> {
    if incoming.uri.path() != "/" || ![Method::GET, Method::POST].contains(incoming.method) {
        let message = format!("There is no {} {} here.", incoming.method, incoming.uri.path());
        return Err(ApiError { code: "MalformedInput", message, http_status: 404 });
    }
    let presigned = params.text("X-Amz-Credential");
    let scope = scope(incoming.headers, presigned.as_deref(), service.name())?;
    let request = decode::request(service, params)?;
    let action = request.action();
    let (account, region) = (scope.account.clone(), scope.region.clone());
    let response = front.call(scope, request, incoming.now)?;
    if service == Service::Ec2 {
        return Ok(ec2::encode::response(action, request_id, &account, &response));
    }
    let answered = encode::Answered { action, request_id, caller: (&account, &region) };
    Ok(encode::response(service, &front.world, answered, &response))
}

/// An error as its service writes it.
fn refusal(service: Service, error: &ApiError, request_id: &str) -> String {
    if service == Service::Ec2 {
        return ec2::encode::refusal(error, request_id);
    }
    Xml::root(service, "ErrorResponse", |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", if error.http_status < 500 { "Sender" } else { "Receiver" });
            xml.text("Code", error.code);
            xml.text("Message", &error.message);
        });
        xml.text("RequestId", request_id);
    })
}
