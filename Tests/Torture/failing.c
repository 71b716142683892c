// Lets the n-th call fail that changes something below a folder; loaded with LD_PRELOAD.
//
//     FAIL_BELOW   the folder
//     FAIL_AT      n, counted from 1
//     FAIL_WITH    the error number
//     FAIL_ON      if set, all later calls fail, too
//     FAIL_COUNT   the file that gets the number of calls when the program ends
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;

static int fails(const char *path) {
    const char *below = getenv("FAIL_BELOW"), *at = getenv("FAIL_AT"), *with = getenv("FAIL_WITH");
    if (!below || !path || strncmp(path, below, strlen(below)) != 0) return 0;
    long call = atomic_fetch_add(&calls, 1) + 1, turn = at ? atol(at) : 0;
    if (turn == 0 || call < turn || (call > turn && !getenv("FAIL_ON"))) return 0;
    errno = with ? atoi(with) : EIO;
    return 1;
}

static int fails_for(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(const char *path, int flags, int mode) {
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && fails(path)) return -1;
    return NEXT(open)(path, flags, mode);
}
int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = va_arg(list, int);
    va_end(list);
    return opened(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = va_arg(list, int);
    va_end(list);
    return opened(path, flags, mode);
}
ssize_t write(int file, const void *bytes, size_t count) { return fails_for(file) ? -1 : NEXT(write)(file, bytes, count); }
int fsync(int file) { return fails_for(file) ? -1 : NEXT(fsync)(file); }
int rename(const char *from, const char *to) { return fails(to) ? -1 : NEXT(rename)(from, to); }
int mkdir(const char *path, mode_t mode) { return fails(path) ? -1 : NEXT(mkdir)(path, mode); }
int unlink(const char *path) { return fails(path) ? -1 : NEXT(unlink)(path); }

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("FAIL_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}
