"""Runs ministack with four changes that bring it closer to AWS. aws.py starts this file as a program of its own."""

import contextvars
import json
import threading

from ministack.app import main
from ministack.services import cloudwatch, eventbridge, stepfunctions
from ministack.services.cloudformation import provisioners

# ministack evaluates an alarm only when a value is published, and over all dimensions together. The stand-in cloudwatch.py evaluates
# alarms as CloudWatch does.
cloudwatch._evaluate_alarm = lambda alarm: None
# Like AWS, ministack refuses events of AWS's own sources. The stand-in cloudtrail.py must be able to send them.
eventbridge._put_events.__defaults__ = (True,)

alarm_record = provisioners._cw_metric_alarm_record


def alarm_record_with_metric_math(name, properties):
    """ministack's CloudFormation refuses alarms on metric math. Like AWS, the alarm then has its queries, and no metric beside them."""
    queries = properties.get("Metrics")
    if not queries:
        return alarm_record(name, properties)
    of_some_metric = {"Metrics": None, "MetricName": "-", "Namespace": "-"}
    record = alarm_record(name, properties | of_some_metric)
    for part in ("MetricName", "Namespace", "Dimensions", "Statistic", "Period"):
        del record[part]
    return record | {"Metrics": [as_described(query) for query in queries]}


def as_described(query):
    """A query with numbers and truth values in place of a template's texts."""
    described = query | {"ReturnData": str(query.get("ReturnData", True)).lower() == "true"}
    if "MetricStat" in query:
        described["MetricStat"] = query["MetricStat"] | {"Period": int(query["MetricStat"]["Period"])}
    return described


provisioners._cw_metric_alarm_record = alarm_record_with_metric_math

without_redrive = stepfunctions.handle_request


async def with_redrive(method, path, headers, body, query):
    """ministack lacks RedriveExecution. AWS continues at the state that failed. Here the execution begins again."""
    if not headers.get("x-amz-target", "").endswith(".RedriveExecution"):
        return await without_redrive(method, path, headers, body, query)
    arn = json.loads(body)["executionArn"]
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return stepfunctions.error_response_json("ExecutionDoesNotExist", f"Execution does not exist: '{arn}'", 400)
    if execution["status"] in ("RUNNING", "SUCCEEDED"):
        return stepfunctions.error_response_json("ExecutionNotRedrivable", f"{arn} is {execution['status']} and cannot be redriven", 400)
    execution |= {"status": "RUNNING", "stopDate": None, "error": None, "cause": None, "output": None}
    stepfunctions._add_event(execution, "ExecutionRedriven")
    stepfunctions._emit_execution_status_event(execution)
    threading.Thread(target=contextvars.copy_context().run, args=(stepfunctions._run_execution, arn), daemon=True).start()
    return stepfunctions.json_response({"redriveDate": stepfunctions.now_iso()})


stepfunctions.handle_request = with_redrive

main()
