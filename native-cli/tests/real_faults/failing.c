/* Fails system calls of the program it is loaded into (LD_PRELOAD).
   FAIL_CALL names the call. FAIL_HOW is the error number that call FAIL_AT (from 0) gives, or "short": every call
   moves a part of its bytes, or "interrupted": every second call gives EINTR, or "corrupt": of the calls that move
   many bytes, call FAIL_AT changes a bit of them without a word; "killed" ends the program before the call.
   FAIL_MARK is a file that is made when a call failed. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int is(const char *variable, const char *text) {
    const char *value = getenv(variable);
    return value && strcmp(value, text) == 0;
}

static void mark(void) {
    long file = syscall(SYS_openat, AT_FDCWD, getenv("FAIL_MARK"), O_CREAT | O_WRONLY, 0666);
    syscall(SYS_close, file);
}

static int fails(const char *call) {
    static atomic_long calls;
    if (!is("FAIL_CALL", call) || is("FAIL_HOW", "short") || is("FAIL_HOW", "corrupt"))
        return 0;
    long now = atomic_fetch_add(&calls, 1);
    int interrupted = is("FAIL_HOW", "interrupted");
    if (interrupted ? now % 2 : now != atol(getenv("FAIL_AT")))
        return 0;
    mark();
    if (is("FAIL_HOW", "killed") && strcmp(call, "rename"))
        kill(getpid(), SIGKILL);
    errno = interrupted ? EINTR : atoi(getenv("FAIL_HOW"));
    return 1;
}

static size_t part(const char *call, size_t count) {
    return is("FAIL_CALL", call) && is("FAIL_HOW", "short") && count > 1 ? 1 + count / 3 : count;
}

/* Bytes that are many: pixels, not headers. */
#define MANY 16384

static int corrupts(const char *call, size_t count) {
    static atomic_long calls;
    if (!is("FAIL_CALL", call) || !is("FAIL_HOW", "corrupt") || count < MANY)
        return 0;
    if (atomic_fetch_add(&calls, 1) != atol(getenv("FAIL_AT")))
        return 0;
    mark();
    return 1;
}

#define REAL(call) ((__typeof__(&call))dlsym(RTLD_NEXT, #call))

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    if (fails("pread"))
        return -1;
    ssize_t moved = REAL(pread64)(file, bytes, part("pread", count), offset);
    if (moved > 0 && corrupts("pread", count))
        ((char *)bytes)[moved / 2] ^= 4;
    return moved;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    if (fails("pwrite"))
        return -1;
    if (!corrupts("pwrite", count))
        return REAL(pwrite64)(file, bytes, part("pwrite", count), offset);
    char *copy = memcpy(malloc(count), bytes, count);
    copy[count / 2] ^= 4;
    ssize_t moved = REAL(pwrite64)(file, copy, count, offset);
    free(copy);
    return moved;
}

ssize_t write(int file, const void *bytes, size_t count) {
    return fails("write") ? -1 : REAL(write)(file, bytes, part("write", count));
}

int fsync(int file) {
    return fails("fsync") ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
    return fails("fdatasync") ? -1 : REAL(fdatasync)(file);
}

DIR *opendir(const char *path) {
    return fails("opendir") ? NULL : REAL(opendir)(path);
}

/* Renaming goes past the C library, so the kernel is asked to fail it, every time. */
#ifndef SYS_rename
#define SYS_rename SYS_renameat
#endif
__attribute__((constructor)) static void fail_renames(void) {
    if (!is("FAIL_CALL", "rename") || !fails("rename"))
        return;
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rename, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, is("FAIL_HOW", "killed") ? SECCOMP_RET_KILL_PROCESS
                                                          : SECCOMP_RET_ERRNO | atoi(getenv("FAIL_HOW"))),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof *program, program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
        abort();
}

int flock(int file, int how) {
    return fails("flock") ? -1 : REAL(flock)(file, how);
}

int mkdir(const char *path, mode_t mode) {
    return fails("mkdir") ? -1 : REAL(mkdir)(path, mode);
}

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *found) {
    return fails("stat") ? -1 : REAL(statx)(folder, path, flags, mask, found);
}

/* The file is closed all the same, as the system does it. */
int close(int file) {
    int failed = fails("close");
    int error = errno;
    int outcome = REAL(close)(file);
    if (!failed)
        return outcome;
    errno = error;
    return -1;
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return fails("open") ? -1 : REAL(open64)(path, flags, mode);
}
