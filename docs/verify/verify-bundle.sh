#!/bin/sh
# Verifies a Whence bundle with tar, sha256sum, openssl 3 and a shell; without Whence and without a network.
# usage: verify-bundle.sh BUNDLE.tar [SHA-256 of the key's DER, as published by the log's owner [AUTHORITY.pem]]
# AUTHORITY.pem: certificates that must vouch for time-stamps; without it, those in the bundle are taken.
set -eu
fail() { echo "NOT verified: $1" >&2; exit 1; }
authority=
[ $# -lt 3 ] || authority=$(realpath "$3")
bag=$(mktemp -d)
trap 'rm -rf "$bag"' EXIT
tar -xf "$1" -C "$bag"
cd "$bag"
b64() { openssl base64 -d -A; }
sha() { openssl dgst -sha256 -binary; }
hex() { openssl dgst -sha256 -r | cut -c1-64; }

# Files: all that are listed, and no others.
sha256sum --check --strict --quiet manifest-sha256.txt || fail "a file is not what the manifest lists"
cut -c67- manifest-sha256.txt | sort >listed
find data -type f | sort >present
cmp -s listed present || fail "files were added"

# Signatures: a signed note is lines of text, an empty line, and a line with key id and Ed25519 signature.
openssl pkey -pubin -in data/key.pem -outform DER -out key.der || fail "data/key.pem is no key"
[ $# -lt 2 ] || [ "$(hex <key.der)" = "$2" ] || fail "another key signed: $(hex <key.der)"
note() {
  sed '/^$/,$d' "$1" >text
  tail -n 1 "$1" | cut -d ' ' -f 3 | b64 | tail -c 64 >signature
  openssl pkeyutl -verify -pubin -inkey data/key.pem -rawin -in text -sigfile signature >/dev/null 2>&1 ||
    fail "the signature of $1"
}
note seal.txt
[ "$(sed -n 3p text)" = "$(sha <manifest-sha256.txt | openssl base64 -A)" ] || fail "the manifest is not what was sealed"
note data/checkpoint.txt
size=$(sed -n 2p text)
root=$(sed -n 3p text)

# Events: each leads to the root (RFC 9162, 2.1.3.2) and commits to its payload.
events=0
for event in data/events/*.json; do
  place=$(basename "$event" .json)
  index=$(echo "$place" | sed 's/^0*\(.\)/\1/')
  grep -q "\"sequence\":$index," "$event" || fail "event $index was moved"
  at=$index
  last=$((size - 1))
  { printf '\000'; cat "$event"; } | sha >hash
  while read -r sibling; do
    [ "$last" -gt 0 ] || fail "the proof of event $index is too long"
    echo "$sibling" | b64 >other
    if [ $((at % 2)) -eq 1 ] || [ "$at" -eq "$last" ]; then
      { printf '\001'; cat other hash; } | sha >next
      while [ $((at % 2)) -eq 0 ] && [ "$at" -ne 0 ]; do at=$((at / 2)) last=$((last / 2)); done
    else
      { printf '\001'; cat hash other; } | sha >next
    fi
    mv next hash
    at=$((at / 2)) last=$((last / 2))
  done <"data/proofs/$place.txt"
  [ "$last" -eq 0 ] && [ "$(openssl base64 -A <hash)" = "$root" ] || fail "event $index is not in the log at its place"
  if [ -f "data/payloads/$place.bin" ]; then
    commitment=$({ b64 <"data/salts/$place.txt"; cat "data/payloads/$place.bin"; } | hex)
    grep -q "\"commitment\":\"$commitment\"" "$event" || fail "the payload of event $index"
  fi
  events=$((events + 1))
done
# Time-stamps: of checkpoints that this one continues (RFC 9162, 2.1.4.2), by whoever the authority's certificates vouch for.
continues() { # size and root of the earlier log, file of the proof
  [ "$1" -ge 1 ] && [ "$1" -le "$size" ] || return 1
  if [ "$1" -eq "$size" ]; then
    [ ! -s "$3" ] && [ "$2" = "$root" ]
    return
  fi
  at=$(($1 - 1))
  last=$((size - 1))
  while [ $((at % 2)) -eq 1 ]; do at=$((at / 2)) last=$((last / 2)); done
  rm -f first second
  if [ $(($1 & ($1 - 1))) -eq 0 ]; then
    echo "$2" | b64 | tee first >second
  fi
  while read -r sibling; do
    echo "$sibling" | b64 >other
    if [ ! -f first ]; then
      cp other first
      mv other second
      continue
    fi
    [ "$last" -gt 0 ] || return 1
    if [ $((at % 2)) -eq 1 ] || [ "$at" -eq "$last" ]; then
      { printf '\001'; cat other first; } | sha >next
      mv next first
      { printf '\001'; cat other second; } | sha >next
      while [ $((at % 2)) -eq 0 ] && [ "$at" -ne 0 ]; do at=$((at / 2)) last=$((last / 2)); done
    else
      { printf '\001'; cat second other; } | sha >next
    fi
    mv next second
    at=$((at / 2)) last=$((last / 2))
  done <"$3"
  [ "$last" -eq 0 ] && [ -f first ] && [ "$(openssl base64 -A <first)" = "$2" ] && [ "$(openssl base64 -A <second)" = "$root" ]
}
[ -n "$authority" ] || [ ! -f data/authority.pem ] || authority=data/authority.pem
for stamp in data/stamps/*.tst; do
  [ -f "$stamp" ] || continue
  name=${stamp%.tst}
  note "$name.txt"
  at=$(sed -n 2p text)
  [ "$(basename "$name")" = "$(printf '%012d' "$at")" ] || fail "$name.txt is of another size"
  continues "$at" "$(sed -n 3p text)" "$name.proof" || fail "$name.txt is of another log"
  time=$(openssl ts -reply -token_in -in "$stamp" -text 2>/dev/null | sed -n 's/^Time stamp: //p' | sed 's/\.[0-9]*//')
  [ -n "$time" ] || fail "$stamp is no time-stamp"
  [ -n "$authority" ] || { echo "NOT checked, no certificates of an authority: events before $(sed -n 2p text) existed at $time"; continue; }
  openssl ts -verify -token_in -in "$stamp" -data "$name.txt" -CAfile "$authority" -attime "$(date -u -d "$time" +%s)" >/dev/null 2>&1 ||
    fail "the time-stamp $stamp"
  echo "time-stamped: events before $(sed -n 2p text) existed at $time, by the authority that $authority vouches for"
done
echo "verified: $events of $size events of $(head -n 1 text), key $(hex <key.der)"
echo "It proves what the key's owner recorded and that nothing changed since; not that it is true. Not legal advice."
