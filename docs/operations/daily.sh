#!/bin/sh
# A line of cron runs it each morning at 5:
#   0 5 * * * /opt/coldcast/daily.sh /opt/coldcast/podcasts.yaml
# A second run at the same time ends at once: Coldcast refuses two runs in one root.
set -u
config=$1
outcome=$(mktemp)
trap 'rm -f "$outcome"' EXIT
coldcast run -c "$config" --no-sample --fail-unless-blessed --json "$outcome"
code=$?
case $code in
    0) echo "published or unchanged" ;;
    3) echo "not blessed: the last version stays in service" ;;
    *) echo "failed with exit code $code" ;;
esac
[ -s "$outcome" ] && cat "$outcome"
exit $code
