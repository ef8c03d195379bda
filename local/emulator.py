"""ministack as it is, but for two things that it does otherwise than AWS; run by aws.py as a program of its own."""

from ministack.app import main
from ministack.services import cloudwatch, eventbridge

# It looks at an alarm only when a datum is put, and at all dimensions together: cloudwatch.py does it as CloudWatch does.
cloudwatch._evaluate_alarm = lambda alarm: None
# It refuses events of AWS's own, as AWS does; but trail.py stands in for CloudTrail, which may send them.
eventbridge._put_events.__defaults__ = (True,)

main()
