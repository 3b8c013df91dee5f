#!/bin/sh
# Compresses the files of a list, each task of the array its share:
#
#     find /data/movies -name '*.mrcs' | sort > list
#     sbatch --array=1-200%40 array.sh list /archive/movies --bits 4
#
# The words are the list, the folder for the outputs, and options of e2compress. Tasks are numbered from 1. What an earlier
# run has done is not done again, whatever number of tasks it had: submit it again until `e2compress report` ends with
# status 0. Records lie in a folder beside it, /archive/movies.records, one for each task, as machines cannot share one on every
# file system.

#SBATCH --job-name=e2compress
#SBATCH --output=e2compress-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=4:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60

set -eu
if [ $# -lt 2 ] || [ -z "$1" ] || [ -z "$2" ]; then
    echo "array.sh: name the list and the folder for the outputs: sbatch --array=1-200 array.sh list /archive/movies" >&2
    exit 2
fi
list=$1
out=$2
shift 2
# Records lie beside the outputs, so their folder needs a name that ends in no slash, and in no dots.
while [ "$out" != "${out%/}" ] && [ "$out" != / ]; do out=${out%/}; done
case /$out in
    //) echo "array.sh: the outputs need a folder of their own, not /" >&2; exit 2 ;;
    */. | */..) out=$(CDPATH='' cd -- "$out" && pwd) ;;
esac
records=$out.records
if [ -s "$list" ]; then mkdir -p -- "$records"; fi
for record in "$records"/*.jsonl; do
    if [ -e "$record" ]; then set -- "$@" "--resume=$record"; fi
done

# In place of the shell, which would not hand on the signals that ask to stop: the file at work is then discarded.
exec e2compress "$@" --threads "$SLURM_CPUS_PER_TASK" "--outpath=$out" "--files-from=$list" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" "--report=$records/$SLURM_ARRAY_TASK_ID.jsonl"
