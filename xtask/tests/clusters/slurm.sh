#!/bin/sh
# Runs a Slurm of one node until standard input ends:
#
#     sh slurm.sh FOLDER PORT PORT
#
# All of it lies in the new folder FOLDER and listens on the loopback device; nothing of the system's is read or changed.
# Says `ready`, and the node has four processors, whatever the machine has. Whoever holds the other end of standard input may
# end in any way: then jobs, daemons and folder are gone too.
set -eu
umask 077
folder=$1
PATH=$PATH:/usr/sbin:/sbin
SLURM_CONF=$folder/slurm.conf
export PATH SLURM_CONF

end() {
    trap '' EXIT
    exec 2>>"$folder/end.log"
    scancel --user="$(id -un)" || true
    for _ in $(seq 100); do
        [ -n "$(squeue --noheader)" ] || break
        sleep 0.1
    done
    # Daemons and what is left of jobs: each has the path of this configuration in its environment.
    for environment in $(grep -lsxz "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ); do
        process=${environment#/proc/}
        kill -KILL "${process%/environ}" || true
    done
    wait
    rm -rf "$folder"
}

mkdir "$folder"
trap end EXIT
mkdir "$folder/state" "$folder/spool"
head -c 1024 /dev/urandom >"$folder/munge.key"
host=$(uname -n)
host=${host%%.*}
user=$(id -un)
# A requeued task waits for cred_expire: two minutes unless told otherwise, five seconds at least.
cat >"$SLURM_CONF" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$2
SlurmdPort=$3
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=1,bf_interval=1
SlurmdParameters=config_overrides
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000
PartitionName=all Nodes=$host Default=YES State=UP
END

munged --force --foreground --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --seed-file="$folder/munged.seed" --log-file="$folder/munged.log" \
    </dev/null >/dev/null 2>&1 &
until munge --socket="$folder/munge.socket" --no-input >/dev/null 2>&1; do
    kill -0 $! || exit 1
    sleep 0.1
done
slurmctld -D -c </dev/null >/dev/null 2>"$folder/slurmctld.err" &
controller=$!
slurmd -D </dev/null >/dev/null 2>"$folder/slurmd.err" &
for _ in $(seq 300); do
    kill -0 "$controller" && kill -0 $! || break
    if [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; then
        echo ready
        cat >/dev/null
        exit 0
    fi
    sleep 0.1
done
tail -n 20 "$folder"/*.err "$folder"/*.log >&2
exit 1
