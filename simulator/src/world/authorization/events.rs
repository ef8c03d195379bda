//! The permissions for events and event subscriptions.

use super::asked::Asked;
use crate::world::events::request::EventRequest;

impl Asked<'_> {
    pub(super) fn event(&mut self, request: &EventRequest) {
        let (action, name) = match request {
            // An event is no resource.
            EventRequest::DescribeEvents(_) => return self.on("rds:DescribeEvents", "*".to_owned()),
            EventRequest::DescribeEventSubscriptions(ask) => {
                let resource = self.named_or_all("es", ask.name.as_deref());
                return self.on("rds:DescribeEventSubscriptions", resource);
            }
            EventRequest::CreateEventSubscription(ask) => ("rds:CreateEventSubscription", &ask.name),
            EventRequest::ModifyEventSubscription(ask) => ("rds:ModifyEventSubscription", &ask.name),
            EventRequest::DeleteEventSubscription(name) => ("rds:DeleteEventSubscription", name),
        };
        self.on(action, self.arn("es", name));
    }
}
