// Compresses the files of a folder in batches:
//
//     nextflow run e2compress.nf --in '/data/movies/*.mrcs' --out /archive/movies --batches 200 -resume
//
// A draft: it has not been run. Which batch a file belongs to follows from its name alone, so that `-resume` repeats only
// the batch that a new file belongs to.

params.bits = 4
params.batches = 200

process COMPRESS {
    cpus 1
    memory '2 GB'
    time '4h'
    publishDir params.out, mode: 'copy'

    input:
    tuple val(batch), path(images)

    output:
    path '*.hdf'
    path "${batch}.jsonl", emit: record

    script:
    // Batches run in folders of their own, where nothing of an earlier try is left: there is nothing to resume.
    """
    find . -maxdepth 1 -type l ! -name '.*' -print0 | sort -z > list
    e2compress --bits ${params.bits} --threads ${task.cpus} --outpath . --files-from list --null --report ${batch}.jsonl
    """
}

workflow {
    batches = channel.fromPath(params.in)
        .map { file -> tuple(new BigInteger(file.name.md5(), 16).mod(params.batches as BigInteger).toString(), file) }
        .groupTuple(sort: true)
    COMPRESS(batches)
}
