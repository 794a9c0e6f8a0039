#!/bin/sh
# Ends what the quickstart started when the quickstart is gone, however it went, and removes its folder.
# Standard input is a pipe that the quickstart holds: a line "+ID" names a process that it started, "-ID"
# one that has ended. The pipe's end is the quickstart's end.
trap '' HUP INT TERM
folder=$1
children=
while read -r line; do
  id=${line#?}
  case $line in
    +*) children="$children $id" ;;
    -*)
      others=
      for child in $children; do [ "$child" = "$id" ] || others="$others $child"; done
      children=$others
      ;;
  esac
done

# PostgreSQL ends quickly on INT, and on TERM only when everybody has left.
for child in $children; do kill -INT "$child" 2>/dev/null; done
turns=0
for child in $children; do
  while kill -0 "$child" 2>/dev/null; do
    if [ "$turns" -ge 100 ]; then
      kill -KILL "$child" 2>/dev/null
      break
    fi
    turns=$((turns + 1))
    sleep 0.1
  done
done
rm -rf -- "$folder"
