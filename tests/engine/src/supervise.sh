# Runs a program for as long as the harness lives, then removes every trace of it.
# Arguments: GRACE seconds, MARK (its name in cgroups and command lines), DIRECTORY to remove or "-", then the program.
# Standard input is a pipe from the harness: when it ends, whatever the reason, the program is stopped.
grace=$1 mark=$2 directory=$3
shift 3
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
stop() { kill -TERM "$program" 2>/dev/null; }
trap stop TERM INT HUP
{
    read -r _ <&3
    stop
    while [ "$grace" -gt 0 ] && kill -0 "$program" 2>/dev/null; do
        sleep 1
        grace=$((grace - 1))
    done
    kill -KILL "$program" 2>/dev/null
} &
watcher=$!
exec 3<&-
while :; do
    wait "$program"
    status=$?
    kill -0 "$program" 2>/dev/null || break
done
trap '' TERM INT HUP
kill -KILL "$watcher" 2>/dev/null
if [ "$mark" != - ]; then
    # Containers that outlived their daemon: by their control group, and by the private paths they were started with.
    for round in 1 2 3; do
        left=
        for process in /proc/[0-9]*; do
            id=${process#/proc/}
            [ "$id" = "$$" ] && continue
            [ "$id" = "$PPID" ] && continue
            if grep -qsF -- "$mark" "$process/cgroup" || tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -qsF -- "$mark"; then
                kill -KILL "$id" 2>/dev/null && left=1
            fi
        done
        [ -z "$left" ] && break
        sleep 0.1
    done
    find /sys/fs/cgroup -depth -type d -path "*$mark*" -exec rmdir {} + 2>/dev/null
fi
if [ "$directory" != - ]; then
    while read -r _ _ _ _ point _; do
        case $point in "$directory"/*) echo "$point" ;; esac
    done </proc/self/mountinfo | sort -r | while read -r point; do umount -l "$point" 2>/dev/null; done
    rm -rf --one-file-system "$directory"
fi
exit "$status"
