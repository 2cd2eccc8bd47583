#!/bin/sh
# May this address be mailed? Shell and curl alone.
#
#   SAYSO_SERVER=https://privacy.example.com SAYSO_KEY=sayso_... sh check.sh info_about_us jane@example.com
#
# Exit 0: yes. 3: no, with the reasons. Anything else: nothing was decided, do not send.
purpose=$1 address=$2
case $purpose$address in
'' | *['"\']*)
    echo "say a purpose and an address" >&2
    exit 2
    ;;
esac
answer=$(
    printf '{"purpose": "%s", "checks": [{"address": "%s"}]}' "$purpose" "$address" |
        curl --silent --show-error --fail --max-time 60 \
            --header "Authorization: Bearer $SAYSO_KEY" \
            --header "Content-Type: application/json" \
            --data-binary @- "$SAYSO_SERVER/v1/decisions"
) || {
    echo "nothing was decided: do not send" >&2
    exit 1
}
case $answer in
*'"proceed":true'*) exit 0 ;;
*'"proceed":false'*)
    printf '%s\n' "$answer" | sed 's/.*"reasons":\[\([^]]*\)\].*/\1/' | tr -d '"' >&2
    exit 3
    ;;
esac
echo "the answer cannot be read: do not send" >&2
exit 1
