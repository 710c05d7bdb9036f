#!/bin/bash
# smtp-sink FOLDER [TLS_PORT] [secure] - one SMTP session on stdin and stdout; socat listens.
#
# Every command is written to FOLDER/commands, each message to FOLDER/message.N.  With TLS_PORT it
# offers STARTTLS and hands the connection over to the sink that listens there behind TLS
# (`secure`), which takes only mail of the user "alerts" with the password in FOLDER/password.
# FOLDER/refuse holds an answer to RCPT, where one is to be refused.
set -u
folder=$1 tls_port=${2:-} secure=${3:-}
say() { printf '%s\r\n' "$@"; }
note() { printf '%s%s\n' "${secure:+tls }" "$1" >>"$folder/commands"; }

[ -n "$secure" ] || say '220 sink ESMTP'
while IFS= read -r line; do
	line=${line%$'\r'}
	note "$line"
	case ${line^^} in
	EHLO*)	if [ -n "$secure" ]; then
			say '250-sink' '250 AUTH PLAIN'
		elif [ -n "$tls_port" ]; then
			say '250-sink' '250 STARTTLS'
		else
			say '250 sink'
		fi ;;
	STARTTLS)
		say '220 go on'
		exec socat STDIO "TCP:127.0.0.1:$tls_port" ;;
	"AUTH PLAIN"*)
		token=${line#* * }
		if [ "$token" = "AUTH PLAIN" ] || [ "$token" = "$line" ]; then
			say '334 '
			IFS= read -r token
			token=${token%$'\r'}
		fi
		if [ "$token" = "$(printf '\0alerts\0%s' "$(cat "$folder/password")" | base64)" ]; then
			say '235 welcome'
		else
			say '535 no'
		fi ;;
	MAIL*)	say '250 ok' ;;
	RCPT*)	if [ -e "$folder/refuse" ]; then say "$(cat "$folder/refuse")"; else say '250 ok'; fi ;;
	DATA)	say '354 go on'
		n=$(find "$folder" -name 'message.*' | wc -l)
		while IFS= read -r line && [ "$line" != $'.\r' ]; do
			printf '%s\n' "${line%$'\r'}"
		done >"$folder/message.$((n + 1))"
		say '250 taken' ;;
	QUIT)	say '221 bye'; exit 0 ;;
	*)	say '500 what' ;;
	esac
done
