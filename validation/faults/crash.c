/* Dies at the n-th change of anything under a folder; as a killed process, or as a machine that lost its power.

   Preloaded into the process under test (LD_PRELOAD). Every write, truncation, synchronisation, creation, renaming,
   linking and removal under $CRASH_UNDER is counted; before the n-th of them ($CRASH_AT) the process is killed. In
   $CRASH_MODE

     kill    what was done is there: the page cache outlives a process;
     torn    as kill, but of a write the first half is done;
     power   nothing is there that was not synchronised: contents by fsync or fdatasync of the file, names by fsync of
             their folder. The most forgetful disk that keeps its promises;
     some    of what was not synchronised some is there and some is not ($CRASH_SEED): contents by sectors of 512
             bytes, in any order; names as a beginning of what was done.

   $CRASH_TRACE gets a line for each change that was reached: its number, its kind, the file. $CRASH_ASIDE is an empty
   folder outside $CRASH_UNDER, on the same file system, for files whose removal may be undone. Without $CRASH_UNDER
   nothing is counted.

   The process's own calls go on to libc; what this file does for itself goes to the kernel by syscall(), so that it is
   not counted. It knows one process at a time. Mapped memory is not seen: SQLite's shared index is the only such file
   here, and is made anew after a crash. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR 512
enum { WRITE, CREATE, REMOVE, RENAME, FOLDER };

/* A file whose contents were changed; `fd` is our own, never closed, since closing would drop the owner's locks. */
struct file { dev_t dev; ino_t ino; int fd; struct file *next; };

/* One change, with what is needed to undo it. */
struct change {
    int kind;
    struct file *file;                 /* WRITE: truncations are writes of nothing that move the end */
    off_t at, was_size, new_size;
    size_t was_count, new_count;       /* bytes that stood there, bytes that were put there */
    char *was, *new;
    char *path, *to, *aside;           /* names; `aside` holds what was removed or replaced */
    dev_t dev; ino_t ino;              /* the folder whose synchronisation makes it last */
};

static char under[PATH_MAX], aside[PATH_MAX];
static size_t under_length;
static long deadline, reached;
static int trace = -1, forgetful, torn, some, active;
static uint64_t state;
static struct file *files;
static struct change *changes;
static size_t count, room;
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static const char *given(const char *name) { const char *value = getenv(name); return value ? value : ""; }

/* Read the environment and begin to count, anew: also called by a process that was forked to be the one under test. */
void crash_begin(void) {
    const char *mode = given("CRASH_MODE");
    active = 0; reached = 0; trace = -1;
    if (!*given("CRASH_UNDER") || !realpath(given("CRASH_UNDER"), under)) return;
    under_length = strlen(under);
    snprintf(aside, sizeof aside, "%s", given("CRASH_ASIDE"));
    deadline = atol(given("CRASH_AT"));
    state = strtoull(given("CRASH_SEED"), NULL, 10) * 0x9E3779B97F4A7C15ull + (uint64_t)deadline + 1;
    torn = !strcmp(mode, "torn");
    some = !strcmp(mode, "some");
    forgetful = some || !strcmp(mode, "power");
    if (*given("CRASH_TRACE"))
        trace = (int)syscall(SYS_openat, AT_FDCWD, given("CRASH_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    active = 1;
}

__attribute__((constructor)) static void begin(void) { crash_begin(); }

static uint64_t chance(void) { /* xorshift64* (Vigna 2016) */
    state ^= state >> 12; state ^= state << 25; state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Dull;
}

/* --- which files are ours */

static int is_under(const char *path) {
    return active && !strncmp(path, under, under_length) && (path[under_length] == '/' || !path[under_length]);
}

/* The whole name of a path: its folder resolved, its last part as it is. */
static int whole_name(int at, const char *path, char out[PATH_MAX]) {
    char joined[PATH_MAX], folder[PATH_MAX], *slash;
    if (path[0] == '/') {
        snprintf(joined, sizeof joined, "%s", path);
    } else {
        char base[PATH_MAX] = "";
        if (at == AT_FDCWD) { if (!getcwd(base, sizeof base)) return 0; }
        else {
            char link[64]; ssize_t n;
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            if ((n = readlink(link, base, sizeof base - 1)) < 0) return 0;
            base[n] = 0;
        }
        if (snprintf(joined, sizeof joined, "%s/%s", base, path) >= (int)sizeof joined) return 0;
    }
    if (!(slash = strrchr(joined, '/'))) return 0;
    *slash = 0;
    if (!realpath(*joined ? joined : "/", folder)) return 0;
    return snprintf(out, PATH_MAX, "%s/%s", strcmp(folder, "/") ? folder : "", slash + 1) < PATH_MAX;
}

static int path_is_ours(int at, const char *path, char out[PATH_MAX]) {
    return active && path && whole_name(at, path, out) && is_under(out);
}

static int fd_is_ours(int fd, char out[PATH_MAX]) {
    char link[64]; ssize_t n;
    if (!active) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if ((n = readlink(link, out, PATH_MAX - 1)) < 0) return 0;
    out[n] = 0;
    return is_under(out);
}

/* --- what may have to be undone */

static struct change *noted(int kind) {
    if (count == room) changes = realloc(changes, (room = room ? 2 * room : 256) * sizeof *changes);
    struct change *one = &changes[count++];
    memset(one, 0, sizeof *one);
    one->kind = kind;
    return one;
}

static void forget(size_t at) {
    free(changes[at].was); free(changes[at].new); free(changes[at].path); free(changes[at].to); free(changes[at].aside);
    memmove(changes + at, changes + at + 1, (--count - at) * sizeof *changes);
}

static struct file *file_of(int fd) {
    struct stat s; char link[64]; struct file *one;
    if (fstat(fd, &s) || !S_ISREG(s.st_mode)) return NULL;
    for (one = files; one; one = one->next) if (one->dev == s.st_dev && one->ino == s.st_ino) return one;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    one = calloc(1, sizeof *one);
    one->dev = s.st_dev; one->ino = s.st_ino; one->next = files; files = one;
    one->fd = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
    return one;
}

static off_t size_of(int fd) { struct stat s; return fstat(fd, &s) ? 0 : s.st_size; }

static char *bytes_of(struct file *file, off_t at, size_t wanted, size_t *got) {
    char *kept = malloc(wanted ? wanted : 1);
    ssize_t n = pread(file->fd, kept, wanted, at);
    *got = n > 0 ? (size_t)n : 0;
    return kept;
}

static void note_write(int fd, const void *data, size_t size, off_t at) {
    struct file *file = forgetful ? file_of(fd) : NULL;
    if (!file) return;
    struct change *one = noted(WRITE);
    one->file = file; one->at = at; one->was_size = size_of(fd);
    one->new_size = at + (off_t)size > one->was_size ? at + (off_t)size : one->was_size;
    one->was = bytes_of(file, at, size, &one->was_count);
    one->new = malloc(size ? size : 1); memcpy(one->new, data, size); one->new_count = size;
}

static void note_truncation(int fd, off_t size) {
    struct file *file = forgetful ? file_of(fd) : NULL;
    if (!file) return;
    struct change *one = noted(WRITE);
    one->file = file; one->at = size; one->was_size = size_of(fd); one->new_size = size;
    one->was = bytes_of(file, size, one->was_size > size ? (size_t)(one->was_size - size) : 0, &one->was_count);
}

static struct change *note_name(int kind, const char *path, const char *to) {
    struct stat s; char folder[PATH_MAX];
    if (!forgetful) return NULL;
    struct change *one = noted(kind);
    one->path = strdup(path);
    one->to = to ? strdup(to) : NULL;
    snprintf(folder, sizeof folder, "%s", to ? to : path);
    *strrchr(folder, '/') = 0;
    if (!stat(folder, &s)) { one->dev = s.st_dev; one->ino = s.st_ino; }
    return one;
}

/* Keep what a name stands for, in case its removal or replacement is undone. */
static char *put_aside(const char *path) {
    static long kept; char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s/%ld", aside, kept++) >= (int)sizeof name) return NULL;
    return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, name, 0) ? NULL : strdup(name);
}

static void synchronised(int fd) {
    struct stat s;
    if (!forgetful || fstat(fd, &s)) return;
    for (size_t at = count; at-- > 0;) {
        struct change *one = &changes[at];
        dev_t dev = one->kind == WRITE ? one->file->dev : one->dev;
        ino_t ino = one->kind == WRITE ? one->file->ino : one->ino;
        if (dev == s.st_dev && ino == s.st_ino && (one->kind == WRITE) == !!S_ISREG(s.st_mode)) forget(at);
    }
}

/* --- dying */

static void put(struct file *file, const char *data, size_t size, off_t at) {
    while (size) {
        ssize_t n = syscall(SYS_pwrite64, file->fd, data, size, at);
        if (n <= 0) return;
        data += n; size -= (size_t)n; at += n;
    }
}

static void undo_contents(void) {
    for (size_t at = count; at-- > 0;) {
        struct change *one = &changes[at];
        if (one->kind != WRITE) continue;
        syscall(SYS_ftruncate, one->file->fd, one->was_size);
        put(one->file, one->was, one->was_count, one->at);
    }
}

/* After everything was undone: some of it, sector by sector, as if only that had reached the disk. */
static void redo_some(void) {
    for (size_t at = 0; at < count; at++) {
        struct change *one = &changes[at];
        if (one->kind != WRITE) continue;
        if (!one->new_count) { if (chance() & 1) syscall(SYS_ftruncate, one->file->fd, one->new_size); continue; }
        for (off_t from = one->at, end = one->at + (off_t)one->new_count; from < end;) {
            off_t to = (from / SECTOR + 1) * SECTOR < end ? (from / SECTOR + 1) * SECTOR : end;
            if (chance() & 1) put(one->file, one->new + (from - one->at), (size_t)(to - from), from);
            from = to;
        }
    }
}

static void undo_names(size_t kept) {
    size_t names = 0, left;
    for (size_t at = 0; at < count; at++) names += changes[at].kind != WRITE;
    left = kept < names ? names - kept : 0;
    for (size_t at = count; at-- > 0 && left;) {
        struct change *one = &changes[at];
        if (one->kind == WRITE) continue;
        left--;
        if (one->kind == CREATE) syscall(SYS_unlinkat, AT_FDCWD, one->path, 0);
        if (one->kind == FOLDER) syscall(SYS_unlinkat, AT_FDCWD, one->path, AT_REMOVEDIR);
        if (one->kind == REMOVE && one->aside) syscall(SYS_renameat2, AT_FDCWD, one->aside, AT_FDCWD, one->path, 0);
        if (one->kind == RENAME) {
            syscall(SYS_renameat2, AT_FDCWD, one->to, AT_FDCWD, one->path, 0);
            if (one->aside) syscall(SYS_renameat2, AT_FDCWD, one->aside, AT_FDCWD, one->to, 0);
        }
    }
}

static void die(void) {
    if (forgetful) {
        size_t names = 0;
        for (size_t at = 0; at < count; at++) names += changes[at].kind != WRITE;
        undo_contents();
        if (some) redo_some();
        undo_names(some && names ? chance() % (names + 1) : 0);
    }
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* Count a change that is about to happen; true if it is the last thing that half happens (a torn write). */
static int last(const char *kind, const char *path) {
    char line[PATH_MAX + 64];
    reached++;
    if (trace >= 0) {
        int n = snprintf(line, sizeof line, "%ld %s %s\n", reached, kind, path + under_length);
        syscall(SYS_write, trace, line, (size_t)n);
    }
    if (reached != deadline) return 0;
    if (torn && !strcmp(kind, "write")) return 1;
    die();
    return 0;
}

/* --- what is stood in for */

#define NEXT(result, name, ...) \
    static result (*next)(__VA_ARGS__); \
    if (!next) next = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)
#define GUARDED(body) do { int saved = errno; pthread_mutex_lock(&lock); errno = saved; body; \
    saved = errno; pthread_mutex_unlock(&lock); errno = saved; } while (0)

static ssize_t changed_bytes(int fd, const void *data, size_t size, off_t at, const char *path) {
    int half = last("write", path);
    ssize_t n;
    if (half) { syscall(SYS_pwrite64, fd, data, size / 2, at); die(); }
    note_write(fd, data, size, at);
    n = syscall(SYS_pwrite64, fd, data, size, at);
    return n;
}

ssize_t write(int fd, const void *data, size_t size) {
    NEXT(ssize_t, write, int, const void *, size_t);
    char path[PATH_MAX]; ssize_t result = 0;
    struct stat s;
    if (!fd_is_ours(fd, path) || fstat(fd, &s) || !S_ISREG(s.st_mode)) return next(fd, data, size);
    GUARDED({
        int appending = fcntl(fd, F_GETFL) & O_APPEND;
        off_t at = appending ? size_of(fd) : lseek(fd, 0, SEEK_CUR);
        result = changed_bytes(fd, data, size, at, path);
        if (result > 0) lseek(fd, at + result, SEEK_SET);
    });
    return result;
}

static ssize_t at_place(int fd, const void *data, size_t size, off_t at, int *ours) {
    char path[PATH_MAX]; ssize_t result = 0;
    if (!(*ours = fd_is_ours(fd, path))) return 0;
    GUARDED(result = changed_bytes(fd, data, size, at, path));
    return result;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    NEXT(ssize_t, pwrite, int, const void *, size_t, off_t);
    int ours; ssize_t result = at_place(fd, data, size, at, &ours);
    return ours ? result : next(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    NEXT(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    int ours; ssize_t result = at_place(fd, data, size, at, &ours);
    return ours ? result : next(fd, data, size, at);
}

/* Written piece by piece, each a change. */
ssize_t writev(int fd, const struct iovec *pieces, int number) {
    NEXT(ssize_t, writev, int, const struct iovec *, int);
    char path[PATH_MAX]; ssize_t whole = 0;
    if (!fd_is_ours(fd, path)) return next(fd, pieces, number);
    for (int at = 0; at < number; at++) {
        ssize_t n = write(fd, pieces[at].iov_base, pieces[at].iov_len);
        if (n < 0) return whole ? whole : n;
        whole += n;
    }
    return whole;
}

static int cut(int fd, off_t size, int *ours) {
    char path[PATH_MAX]; int result = 0;
    if (!(*ours = fd_is_ours(fd, path))) return 0;
    GUARDED({ last("truncate", path); note_truncation(fd, size); result = (int)syscall(SYS_ftruncate, fd, size); });
    return result;
}

int ftruncate(int fd, off_t size) {
    NEXT(int, ftruncate, int, off_t);
    int ours, result = cut(fd, size, &ours);
    return ours ? result : next(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    NEXT(int, ftruncate64, int, off64_t);
    int ours, result = cut(fd, size, &ours);
    return ours ? result : next(fd, size);
}

static int to_disk(int fd, long call, int *ours) {
    char path[PATH_MAX]; int result = 0;
    if (!(*ours = fd_is_ours(fd, path))) return 0;
    GUARDED({ last("sync", path); result = (int)syscall(call, fd); if (!result) synchronised(fd); });
    return result;
}

int fsync(int fd) {
    NEXT(int, fsync, int);
    int ours, result = to_disk(fd, SYS_fsync, &ours);
    return ours ? result : next(fd);
}

int fdatasync(int fd) {
    NEXT(int, fdatasync, int);
    int ours, result = to_disk(fd, SYS_fdatasync, &ours);
    return ours ? result : next(fd);
}

/* Opening is a change where it makes a file, or empties one. */
static int opened(int at, const char *name, int flags, mode_t mode, const char *path) {
    struct stat s; int result = -1;
    GUARDED({
        int there = !lstat(path, &s);
        if (!there) last("create", path);
        else if (flags & O_TRUNC) last("truncate", path);
        if (there && (flags & O_TRUNC) && S_ISREG(s.st_mode)) {
            int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
            if (fd >= 0) note_truncation(fd, 0); /* not closed: closing would drop the owner's locks */
        }
        result = (int)syscall(SYS_openat, at, name, flags, mode);
        if (!there && result >= 0) note_name(CREATE, path, NULL);
    });
    return result;
}

#define OPENS(name, has_at) \
    char path[PATH_MAX]; mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
    if ((flags & (O_CREAT | O_TRUNC)) && path_is_ours(at, file, path)) return opened(at, file, flags, mode, path)

int open(const char *file, int flags, ...) {
    NEXT(int, open, const char *, int, ...); int at = AT_FDCWD; OPENS(open, 0); return next(file, flags, mode);
}
int open64(const char *file, int flags, ...) {
    NEXT(int, open64, const char *, int, ...); int at = AT_FDCWD; OPENS(open64, 0); return next(file, flags, mode);
}
int openat(int at, const char *file, int flags, ...) {
    NEXT(int, openat, int, const char *, int, ...); OPENS(openat, 1); return next(at, file, flags, mode);
}
int openat64(int at, const char *file, int flags, ...) {
    NEXT(int, openat64, int, const char *, int, ...); OPENS(openat64, 1); return next(at, file, flags, mode);
}

static int removed(int at, const char *name, int flags, const char *path) {
    int result = -1;
    GUARDED({
        last("remove", path);
        char *kept = forgetful && !(flags & AT_REMOVEDIR) ? put_aside(path) : NULL;
        result = (int)syscall(SYS_unlinkat, at, name, flags);
        if (!result && !(flags & AT_REMOVEDIR)) { struct change *one = note_name(REMOVE, path, NULL); if (one) one->aside = kept; }
    });
    return result;
}

int unlink(const char *name) {
    NEXT(int, unlink, const char *);
    char path[PATH_MAX];
    return path_is_ours(AT_FDCWD, name, path) ? removed(AT_FDCWD, name, 0, path) : next(name);
}

int unlinkat(int at, const char *name, int flags) {
    NEXT(int, unlinkat, int, const char *, int);
    char path[PATH_MAX];
    return path_is_ours(at, name, path) ? removed(at, name, flags, path) : next(at, name, flags);
}

int rmdir(const char *name) {
    NEXT(int, rmdir, const char *);
    char path[PATH_MAX];
    return path_is_ours(AT_FDCWD, name, path) ? removed(AT_FDCWD, name, AT_REMOVEDIR, path) : next(name);
}

static int renamed(int from_at, const char *from, int to_at, const char *to, unsigned flags, const char *old, const char *new) {
    struct stat s; int result = -1;
    GUARDED({
        last("rename", new);
        char *kept = forgetful && !lstat(new, &s) && S_ISREG(s.st_mode) ? put_aside(new) : NULL;
        result = (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
        if (!result) { struct change *one = note_name(RENAME, old, new); if (one) one->aside = kept; }
    });
    return result;
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    NEXT(int, renameat2, int, const char *, int, const char *, unsigned);
    char old[PATH_MAX], new[PATH_MAX];
    if (!path_is_ours(to_at, to, new) || !whole_name(from_at, from, old)) return next(from_at, from, to_at, to, flags);
    return renamed(from_at, from, to_at, to, flags, old, new);
}

int renameat(int from_at, const char *from, int to_at, const char *to) { return renameat2(from_at, from, to_at, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    NEXT(int, linkat, int, const char *, int, const char *, int);
    char path[PATH_MAX]; int result = -1;
    if (!path_is_ours(to_at, to, path)) return next(from_at, from, to_at, to, flags);
    GUARDED({
        last("link", path);
        result = (int)syscall(SYS_linkat, from_at, from, to_at, to, flags);
        if (!result) note_name(CREATE, path, NULL);
    });
    return result;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int mkdirat(int at, const char *name, mode_t mode) {
    NEXT(int, mkdirat, int, const char *, mode_t);
    char path[PATH_MAX]; int result = -1;
    if (!path_is_ours(at, name, path)) return next(at, name, mode);
    GUARDED({
        last("create", path);
        result = (int)syscall(SYS_mkdirat, at, name, mode);
        if (!result) note_name(FOLDER, path, NULL);
    });
    return result;
}

int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }
